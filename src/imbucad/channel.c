/*
 * channel: see channel.h.
 */
#include <config.h>

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "imbucad/channel.h"

#include "base/banned.h"

void
imbucad_channel_open(struct imbucad_channel *c, int fd)
{
	*c = (struct imbucad_channel){.fd = fd};
}

int
imbucad_channel_secure(
    struct imbucad_channel *c, const struct net_tls_identity *identity, struct err *e)
{
	c->shaking = true;
	return net_tls_accept(identity, c->fd, &c->tls, e);
}

int
imbucad_channel_handshake(struct imbucad_channel *c, struct err *e)
{
	int done = net_tls_handshake(c->tls, e);

	if (done == 0)
		c->wants = net_tls_wants(c->tls);
	c->shaking = done != 1;
	return done;
}

/* What a socket's call returned, in the words of net_tls. */
static ssize_t
plain(struct imbucad_channel *c, ssize_t done, short wants)
{
	if (done >= 0)
		return done;
	if (errno != EAGAIN && errno != EINTR)
		return -1;
	c->wants = wants;
	return NET_TLS_AGAIN;
}

ssize_t
imbucad_channel_read(struct imbucad_channel *c, void *ptr, size_t n)
{
	struct err e;
	ssize_t done;

	if (c->tls == NULL)
		return plain(c, recv(c->fd, ptr, n, 0), POLLIN);
	done = net_tls_read(c->tls, ptr, n, &e);
	if (done == NET_TLS_AGAIN)
		c->wants = net_tls_wants(c->tls);
	return done;
}

ssize_t
imbucad_channel_write(struct imbucad_channel *c, const void *ptr, size_t n)
{
	struct err e;
	ssize_t done;

	if (c->tls == NULL)
		return plain(c, send(c->fd, ptr, n, MSG_NOSIGNAL), POLLOUT);
	done = net_tls_write(c->tls, ptr, n, &e);
	if (done == NET_TLS_AGAIN)
		c->wants = net_tls_wants(c->tls);
	return done;
}

void
imbucad_channel_finish(struct imbucad_channel *c)
{
	net_tls_close(c->tls);
	c->tls = NULL;
	(void)shutdown(c->fd, SHUT_WR);
}

void
imbucad_channel_close(struct imbucad_channel *c)
{
	net_tls_close(c->tls);
	(void)close(c->fd);
}
