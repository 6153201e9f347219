/*
 * proxy: see proxy.h.
 */
#include <config.h>

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>

#include "net/proxy.h"
#include "net/socks.h"

#include "base/banned.h"

/* After a send or recv that returned N: 0 to go on, once it may succeed where it did not; or -1. */
static int
settle(int fd, ssize_t n, short events, struct deadline within, struct err *e)
{
	struct pollfd ready = {fd, events, 0};

	if (n > 0 || (n < 0 && errno == EINTR))
		return 0;
	if (n == 0)
		return err_set(e, EX_TEMPFAIL, "the proxy closed the connection");
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		return err_set_errno(e, EX_TEMPFAIL, errno, "the connection to the proxy was lost");
	if (deadline_over(within))
		return err_set(e, EX_TEMPFAIL, "the proxy took too long");
	(void)poll(&ready, 1, deadline_left(within));
	return 0;
}

static int
say(int fd, struct slice text, struct deadline within, struct err *e)
{
	while (text.len > 0) {
		ssize_t n = send(fd, text.ptr, text.len, MSG_NOSIGNAL);

		if (settle(fd, n, POLLOUT, within, e) != 0)
			return -1;
		if (n > 0)
			text = str_range(text.ptr + n, text.ptr + text.len);
	}
	return 0;
}

/* Receives exactly WANT bytes. */
static int
hear(int fd, unsigned char *out, size_t want, struct deadline within, struct err *e)
{
	while (want > 0) {
		ssize_t n = recv(fd, out, want, 0);

		if (settle(fd, n, POLLIN, within, e) != 0)
			return -1;
		if (n > 0) {
			out += n;
			want -= (size_t)n;
		}
	}
	return 0;
}

int
net_proxy_traverse(
    int fd, const struct net_socks_params *params, struct deadline within, struct err *e)
{
	unsigned char answer[NET_SOCKS_WANT_MAX];
	struct net_socks socks;
	int rc = net_socks_start(&socks, params, e);

	while (rc == 0 && socks.want > 0) {
		rc = say(fd, buf_slice(&socks.out), within, e);
		if (rc == 0)
			rc = hear(fd, answer, socks.want, within, e);
		if (rc == 0)
			rc = net_socks_take(&socks, answer, e);
	}
	net_socks_free(&socks);
	return rc;
}
