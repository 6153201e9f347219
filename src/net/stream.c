/*
 * stream: see stream.h.
 */
#include <config.h>

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "net/stream.h"
#include "net/tls.h"

#include "base/banned.h"

enum { READ_BLOCK = 4096 }; /* replies are short, and the room for them is wiped in the end */

/* From move_in and move_out: nothing moves before poll says so. */
enum { AGAIN = NET_TLS_AGAIN };

struct net_stream {
	int fd;
	struct net_tls *tls; /* NULL in plain text */
	struct buf input;
	bool ended; /* the peer has closed its side */
};

struct net_stream *
net_stream_new(int fd, struct err *e)
{
	struct net_stream *s = calloc(1, sizeof *s);

	if (s == NULL) {
		(void)close(fd);
		(void)err_set(e, EX_TEMPFAIL, "no memory for a connection");
		return NULL;
	}
	s->fd = fd;
	s->input = (struct buf)BUF_INIT(NET_STREAM_INPUT_MAX);
	return s;
}

const struct net_tls *
net_stream_tls(const struct net_stream *s)
{
	return s->tls;
}

struct slice
net_stream_input(const struct net_stream *s)
{
	return buf_slice(&s->input);
}

void
net_stream_consume(struct net_stream *s, size_t n)
{
	buf_consume(&s->input, n);
}

static int
lost(int saved, struct err *e)
{
	(void)err_set_errno(e, EX_TEMPFAIL, saved, "the connection was lost");
	return err_failure(e, "lost");
}

static int
fail_waiting(struct err *e)
{
	(void)err_set(e, EX_TEMPFAIL, "the other side took too long");
	return err_failure(e, "silent");
}

/* Waits for EVENTS on the socket. */
static int
await(const struct net_stream *s, short events, struct deadline within, struct err *e)
{
	struct pollfd ready = {s->fd, events, 0};

	for (;;) {
		if (deadline_over(within))
			return fail_waiting(e);
		if (poll(&ready, 1, deadline_left(within)) > 0)
			return 0;
	}
}

/* Reads into the N bytes at PTR: how many, 0 at the end, AGAIN, or -1. */
static ssize_t
move_in(struct net_stream *s, void *ptr, size_t n, struct err *e)
{
	ssize_t got;

	if (s->tls != NULL)
		return net_tls_read(s->tls, ptr, n, e);
	do
		got = recv(s->fd, ptr, n, 0);
	while (got < 0 && errno == EINTR);
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return AGAIN;
	return got < 0 ? lost(errno, e) : got;
}

/* Writes of DATA what goes: how many bytes, AGAIN, or -1. */
static ssize_t
move_out(struct net_stream *s, struct slice data, struct err *e)
{
	ssize_t done;

	if (s->tls != NULL)
		return net_tls_write(s->tls, data.ptr, data.len, e);
	do
		done = send(s->fd, data.ptr, data.len, MSG_NOSIGNAL);
	while (done < 0 && errno == EINTR);
	if (done < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return AGAIN;
	return done < 0 ? lost(errno, e) : done;
}

/* Reads once into the input, which has room. Returns 1, 0 at the end, AGAIN, or -1. */
static int
take_in(struct net_stream *s, struct err *e)
{
	size_t left = NET_STREAM_INPUT_MAX - s->input.len;
	size_t want = left < READ_BLOCK ? left : READ_BLOCK;
	char *room = buf_room(&s->input, want);
	ssize_t n;

	if (room == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for what the other side says");
	n = move_in(s, room, want, e);
	if (n == 0)
		s->ended = true;
	if (n > 0)
		buf_grew(&s->input, (size_t)n);
	return n > 0 ? 1 : (int)n;
}

int
net_stream_fill(struct net_stream *s, struct deadline within, struct err *e)
{
	if (s->input.len == NET_STREAM_INPUT_MAX)
		return err_set(e, EX_PROTOCOL, "the other side says more than can be taken in");
	for (;;) {
		int rc = s->ended ? 0 : take_in(s, e);

		if (rc != AGAIN)
			return rc;
		if (await(s, s->tls != NULL ? net_tls_wants(s->tls) : POLLIN, within, e) != 0)
			return -1;
	}
}

void
net_stream_drain(struct net_stream *s)
{
	struct err ignored;

	while (!s->ended && s->input.len < NET_STREAM_INPUT_MAX && take_in(s, &ignored) == 1)
		continue;
}

int
net_stream_write(struct net_stream *s, struct slice data, struct deadline within, struct err *e)
{
	while (data.len > 0) {
		ssize_t n = move_out(s, data, e);
		bool listens = !s->ended && s->input.len < NET_STREAM_INPUT_MAX;

		if (n == -1) {
			net_stream_drain(s);
			return -1;
		}
		if (n != AGAIN) {
			data.ptr += n;
			data.len -= (size_t)n;
			continue;
		}
		if (await(s, (short)(POLLOUT | (listens ? POLLIN : 0)), within, e) != 0)
			return -1;
		net_stream_drain(s);
	}
	return 0;
}

int
net_stream_start_tls(struct net_stream *s, const struct net_tls_params *params,
    struct deadline within, struct err *e)
{
	int rc;

	if (s->input.len > 0)
		return err_set(e, EX_PROTOCOL,
		    "the server, or somebody between, sent bytes before "
		    "the TLS handshake that would pass for protected ones");
	if (net_tls_connect(params, s->fd, &s->tls, e) != 0)
		return -1;
	while ((rc = net_tls_handshake(s->tls, e)) == 0) {
		if (await(s, net_tls_wants(s->tls), within, e) != 0)
			return err_prefix(e, "in the TLS handshake");
	}
	return rc == 1 ? 0 : -1;
}

void
net_stream_close(struct net_stream *s)
{
	if (s == NULL)
		return;
	net_tls_close(s->tls);
	(void)close(s->fd);
	buf_wipe(&s->input);
	free(s);
}
