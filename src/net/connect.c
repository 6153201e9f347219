/*
 * connect: see connect.h.
 */
#include <config.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <netdb.h>
#include <stddef.h>
#include <string.h>
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

/* Is A an address of this machine? Where that cannot be asked, it is taken for one. */
static bool
is_ours(const struct addrinfo *a)
{
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ours = fd < 0 || bind(fd, a->ai_addr, a->ai_addrlen) == 0 || errno != EADDRNOTAVAIL;

	if (fd >= 0)
		(void)close(fd);
	return ours;
}

/* The address to come from is not to be used, as E says. */
static int
fail_source(struct err *e)
{
	e->keyword = "source_ip";
	return -1;
}

/* The address to come from, *OUT: NULL for any; the caller frees it in any case. */
static int
find_source(const struct net_connect_params *params, struct deadline within, struct addrinfo **out,
    struct err *e)
{
	*out = NULL;
	if (params->source == NULL)
		return 0;
	if (net_dns_lookup(params->source, 0, params->family, within, out, e) != 0) {
		(void)err_set(
		    e, EX_CONFIG, "source_ip '%s' is not of the family of ip", params->source);
		return fail_source(e);
	}
	if (is_ours(*out))
		return 0;
	/* A tunnel that is not up yet may bring it. */
	(void)err_set(
	    e, EX_TEMPFAIL, "source_ip '%s' is no address of this machine now", params->source);
	return fail_source(e);
}

/* The addresses of HOST that can be reached from SOURCE, NULL for anywhere. */
static int
find_host(const struct net_connect_params *params, const char *host, uint16_t port,
    const struct addrinfo *source, struct deadline within, struct addrinfo **out, struct err *e)
{
	int family = source != NULL ? source->ai_family : params->family;
	struct err ignored;

	if (net_dns_lookup(host, port, family, within, out, e) == 0)
		return 0;
	if (family == params->family ||
	    net_dns_lookup(host, port, params->family, within, out, &ignored) != 0)
		return -1;
	freeaddrinfo(*out);
	(void)err_set(e, EX_CONFIG, "'%s' has no address of the family of source_ip '%s'", host,
	    params->source);
	return fail_source(e);
}

/* No address of HOST took the connection; SAVED is the last one's errno. */
static int
fail_tcp(const char *host, uint16_t port, int saved, struct err *e)
{
	static const struct {
		int saved;
		const char *failure;
	} known[] = {
	    {ECONNREFUSED, "refused"},
	    {ETIMEDOUT, "timed_out"},
	    {ENETUNREACH, "no_route"},
	    {EHOSTUNREACH, "no_route"},
	    {ENETDOWN, "no_route"},
	    {EADDRNOTAVAIL, "no_route"},
	    {EACCES, "forbidden"},
	    {EPERM, "forbidden"},
	};

	(void)err_set_errno(
	    e, EX_TEMPFAIL, saved, "cannot connect to '%s' port %u", host, (unsigned)port);
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (known[i].saved == saved)
			return err_failure(e, known[i].failure);
	}
	return -1;
}

static int
connect_tcp(const struct net_connect_params *params, const char *host, uint16_t port,
    struct deadline within, struct net_peer *peer, struct err *e)
{
	struct addrinfo *list = NULL, *source;
	const struct addrinfo *winner;
	int fd = -1;

	if (find_source(params, within, &source, e) == 0 &&
	    find_host(params, host, port, source, within, &list, e) == 0) {
		fd = net_race(list, source, within, &winner);
		if (fd >= 0)
			describe(winner, port, peer);
		else
			(void)fail_tcp(host, port, errno, e);
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
	socklen_t size = sizeof address;
	int fd, rc;

	if (!str_copy(address.sun_path, sizeof address.sun_path, str_slice(path)))
		return err_set(e, EX_CONFIG, "'%s' is too long for the name of a socket", path);
	if (path[0] == '@') {
		address.sun_path[0] = '\0';
		size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set_errno(e, EX_TEMPFAIL, errno, "cannot make a socket");
	/* EAGAIN is a full backlog, of which poll knows nothing. */
	while ((rc = connect(fd, (const struct sockaddr *)&address, size)) != 0 &&
	       errno == EAGAIN && !deadline_over(within))
		deadline_nap(BACKLOG_WAIT);
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
