/*
 * call: see call.h.
 */
#include <config.h>

#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "imbucad/call.h"

#include "base/banned.h"

enum {
	FDS = 2, /* the socket for the answer, and one more */
	THREADS_MAX = 64,
	SEND_BUFFER = 1 << 20,
};

union control {
	char bytes[CMSG_SPACE(FDS * sizeof(int))];
	struct cmsghdr align;
};

static void
close_fd(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

int
imbucad_call_open(int ends[2], struct err *e)
{
	const int size = SEND_BUFFER;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == -1)
		return err_set_errno(e, EX_OSERR, errno, "cannot make a socket");
	for (int i = 0; i < 2; i++)
		(void)setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	return 0;
}

/* --- one packet, with descriptors --- */

static int
send_packet(int socket, struct slice text, const int *fds, size_t count)
{
	struct iovec part = {.iov_base = NULL, .iov_len = text.len};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
	union control control = {{0}};

	memcpy(&part.iov_base, &text.ptr, sizeof part.iov_base);
	if (count > 0) {
		struct cmsghdr *c;

		header.msg_control = control.bytes;
		header.msg_controllen = CMSG_SPACE(count * sizeof *fds);
		c = CMSG_FIRSTHDR(&header);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(count * sizeof *fds);
		memcpy(CMSG_DATA(c), fds, count * sizeof *fds);
	}
	return sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT) == -1 ? -1 : 0;
}

/*
 * Takes a packet into OUT and its descriptors into FDS (-1 where there are none). The bytes; 0 at
 * the end; -1 and errno. Packets are short and may be longest: only what came is copied, and wiped.
 */
static ssize_t
take_packet(int socket, int flags, struct buf *out, int fds[FDS])
{
	char block[IMBUCAD_CALL_MAX];
	union control control;
	struct iovec part = {.iov_base = block, .iov_len = sizeof block};
	struct msghdr header = {.msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = control.bytes,
	    .msg_controllen = sizeof control.bytes};
	ssize_t got;

	fds[0] = fds[1] = -1;
	got = recvmsg(socket, &header, flags | MSG_CMSG_CLOEXEC);
	if (got <= 0)
		return got;
	buf_add(out, block, (size_t)got);
	explicit_bzero(block, (size_t)got);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c != NULL; c = CMSG_NXTHDR(&header, c)) {
		size_t n = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
		    n <= FDS * sizeof(int))
			memcpy(fds, CMSG_DATA(c), n);
	}
	if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 && !out->full)
		return got;
	close_fd(&fds[0]);
	close_fd(&fds[1]);
	errno = out->full ? ENOMEM : EMSGSIZE;
	return -1;
}

/* --- asking --- */

int
imbucad_call_begin(int service, struct slice request, int fd, struct err *e)
{
	int pair[2], fds[FDS], status, saved;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return err_set_errno(e, EX_TEMPFAIL, errno, "cannot make a socket");
	fds[0] = pair[1];
	fds[1] = fd;
	status = send_packet(service, request, fds, fd != -1 ? 2 : 1);
	saved = errno;
	(void)close(pair[1]);
	if (status == 0)
		return pair[0];
	(void)close(pair[0]);
	return err_set_errno(e,
	    saved == EPIPE || saved == ECONNRESET ? EX_UNAVAILABLE : EX_TEMPFAIL, saved,
	    "cannot ask another process of imbucad");
}

int
imbucad_call_end(int reply, struct deadline within, struct buf *out, int *fd, struct err *e)
{
	struct pollfd ready = {.fd = reply, .events = POLLIN};
	int fds[FDS], n;
	ssize_t got;

	*fd = -1;
	do
		n = poll(&ready, 1, deadline_left(within));
	while (n == -1 && errno == EINTR);
	if (n == 0)
		return err_set(e, EX_TEMPFAIL, "another process of imbucad did not answer in time");
	buf_reset(out);
	got = take_packet(reply, MSG_DONTWAIT, out, fds);
	close_fd(&fds[1]);
	if (got <= 0) {
		close_fd(&fds[0]);
		return err_set(e, EX_TEMPFAIL, "another process of imbucad ended unexpectedly");
	}
	*fd = fds[0];
	return 0;
}

int
imbucad_call(int service, struct slice request, int fd, struct deadline within, struct buf *out,
    int *out_fd, struct err *e)
{
	int reply = imbucad_call_begin(service, request, fd, e), status;

	*out_fd = -1;
	if (reply == -1)
		return -1;
	status = imbucad_call_end(reply, within, out, out_fd, e);
	(void)close(reply);
	return status;
}

/* --- serving --- */

int
imbucad_call_take(int service, struct imbucad_call *out)
{
	int fds[FDS];
	ssize_t got;

	*out = (struct imbucad_call){.request = BUF_INIT(IMBUCAD_CALL_MAX), .fd = -1, .reply = -1};
	do {
		got = take_packet(service, 0, &out->request, fds);
	} while (got == -1 && (errno == EMSGSIZE || errno == EINTR));
	out->reply = fds[0];
	out->fd = fds[1];
	if (got > 0)
		return 1;
	buf_free(&out->request);
	return 0;
}

void
imbucad_call_answer(struct imbucad_call *call, struct slice answer, int fd)
{
	if (call->reply != -1)
		(void)send_packet(call->reply, answer, &fd, fd != -1 ? 1 : 0);
	close_fd(&call->reply);
	close_fd(&call->fd);
	buf_wipe(&call->request);
}

/* Has the one who asked given up meanwhile? What he has told others of would not be true then. */
static bool
is_abandoned(const struct imbucad_call *call)
{
	struct pollfd asker = {.fd = call->reply};

	return call->reply != -1 && poll(&asker, 1, 0) == 1;
}

struct server {
	int service;
	imbucad_call_handler *handle;
	void *context;
};

static void *
serve(void *argument)
{
	const struct server *s = argument;
	struct imbucad_call call;

	while (imbucad_call_take(s->service, &call) == 1) {
		struct buf answer = BUF_INIT(IMBUCAD_CALL_MAX);
		int fd = -1;

		if (!is_abandoned(&call))
			s->handle(s->context, &call, &answer, &fd);
		imbucad_call_answer(&call, buf_slice(&answer), fd);
		close_fd(&fd);
		buf_wipe(&answer);
	}
	return NULL;
}

void
imbucad_call_serve(int service, unsigned threads, imbucad_call_handler *handle, void *context)
{
	struct server s = {service, handle, context};
	pthread_t others[THREADS_MAX];
	unsigned started = 0;

	while (started + 1 < threads && started < THREADS_MAX &&
	       pthread_create(&others[started], NULL, serve, &s) == 0)
		started++;
	(void)serve(&s);
	for (unsigned i = 0; i < started; i++)
		(void)pthread_join(others[i], NULL);
}
