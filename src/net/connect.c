/*
 * connect: see connect.h.
 */
#include <config.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <unistd.h>

#include "base/str.h"
#include "net/connect.h"
#include "net/dns.h"
#include "net/proxy.h"
#include "net/race.h"
#include "net/socks.h"

#include "base/banned.h"

enum { BACKLOG_WAIT = 20 }; /* milliseconds between two looks at a unix socket's full backlog */

/* --- TCP --- */

static void
describe(const struct addrinfo *a, uint16_t port, struct net_peer *peer)
{
	peer->port = port;
	if (getnameinfo(a->ai_addr, a->ai_addrlen, peer->address, sizeof peer->address, NULL, 0,
		NI_NUMERICHOST) != 0)
		(void)str_copy(peer->address, sizeof peer->address, str_slice("unknown"));
}

/* The address to come from, *OUT: NULL for any. The families that are left are in *FAMILY. */
static int
find_source(const struct net_connect_params *params, struct deadline within, int *family,
    struct addrinfo **out, struct err *e)
{
	*family = params->family;
	*out = NULL;
	if (params->source == NULL)
		return 0;
	if (net_dns_lookup(params->source, 0, *family, within, out, e) != 0) {
		(void)err_set(e, EX_CONFIG, "the source address '%s' is none, or not of the family",
		    params->source);
		return -1;
	}
	*family = (*out)->ai_family;
	return 0;
}

static int
connect_tcp(const struct net_connect_params *params, const char *host, uint16_t port,
    struct deadline within, struct net_peer *peer, struct err *e)
{
	struct addrinfo *list = NULL, *source;
	const struct addrinfo *winner;
	int family, fd = -1;

	if (find_source(params, within, &family, &source, e) != 0)
		return -1;
	if (net_dns_lookup(host, port, family, within, &list, e) == 0) {
		fd = net_race(list, source, within, &winner);
		if (fd >= 0)
			describe(winner, port, peer);
		else
			(void)err_set_errno(e, EX_TEMPFAIL, errno, "cannot connect to '%s' port %u",
			    host, (unsigned)port);
		freeaddrinfo(list);
	}
	if (source != NULL)
		freeaddrinfo(source);
	return fd;
}

static int
connect_proxy(const struct net_connect_params *params, struct deadline within,
    struct net_peer *peer, struct err *e)
{
	const struct net_connect_proxy *proxy = &params->proxy;
	const struct net_socks_params destination = {
	    params->host, params->port, proxy->user, proxy->password};
	int fd = connect_tcp(params, proxy->host, proxy->port, within, peer, e);

	if (fd < 0)
		return err_prefix(e, "the proxy");
	if (net_proxy_traverse(fd, &destination, within, e) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

/* --- a unix socket --- */

static int
connect_unix(const char *path, struct deadline within, struct net_peer *peer, struct err *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, rc;

	if (!str_copy(address.sun_path, sizeof address.sun_path, str_slice(path)))
		return err_set(e, EX_CONFIG, "'%s' is too long for the name of a socket", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set_errno(e, EX_TEMPFAIL, errno, "cannot make a socket");
	/* EAGAIN is a full backlog, of which poll knows nothing. */
	while ((rc = connect(fd, (const struct sockaddr *)&address, sizeof address)) != 0 &&
	       errno == EAGAIN && !deadline_over(within))
		(void)poll(NULL, 0, BACKLOG_WAIT);
	if (rc != 0) {
		(void)err_set_errno(e, EX_TEMPFAIL, errno, "cannot connect to '%s'", path);
		(void)close(fd);
		return -1;
	}
	(void)str_copy(peer->address, sizeof peer->address, str_slice(path));
	peer->port = 0;
	return fd;
}

int
net_connect(const struct net_connect_params *params, struct deadline within, struct net_peer *peer,
    struct err *e)
{
	if (params->socket != NULL)
		return connect_unix(params->socket, within, peer, e);
	if (params->proxy.host != NULL)
		return connect_proxy(params, within, peer, e);
	return connect_tcp(params, params->host, params->port, within, peer, e);
}
