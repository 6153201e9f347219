/*
 * listen: see listen.h.
 */
#include <config.h>

#include <sys/socket.h>

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "base/endpoint.h"
#include "net/listen.h"

#include "base/banned.h"

/* Writes the socket address FROM into OUT. */
static void
describe(const struct sockaddr *from, socklen_t len, struct net_peer *out)
{
	char port[8];
	uint64_t number = 0;

	if (getnameinfo(from, len, out->address, sizeof out->address, port, sizeof port,
		NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
		(void)str_copy(out->address, sizeof out->address, str_slice("unknown"));
		port[0] = '\0';
	}
	(void)str_number(str_slice(port), 0, UINT16_MAX, &number);
	out->port = (uint16_t)number;
}

/* A listening socket on ADDRESS, -1 and errno. */
static int
open_socket(const struct addrinfo *address, struct net_peer *bound)
{
	struct sockaddr_storage own;
	socklen_t len = sizeof own;
	int yes = 1, saved;
	int fd = socket(
	    address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, address->ai_protocol);

	if (fd == -1)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0 &&
	    getsockname(fd, (struct sockaddr *)&own, &len) == 0) {
		describe((struct sockaddr *)&own, len, bound);
		return fd;
	}
	saved = errno;
	(void)close(fd);
	errno = saved;
	return -1;
}

/* Puts port 0 into ADDRESS: any that is free. */
static void
clear_port(struct addrinfo *address)
{
	if (address->ai_family == AF_INET6)
		((struct sockaddr_in6 *)address->ai_addr)->sin6_port = 0;
	else
		((struct sockaddr_in *)address->ai_addr)->sin_port = 0;
}

/* As net_listen; with ANY_PORT on none that WHERE names. */
static int
listen_on(struct slice where, uint16_t port, bool any_port, struct net_peer *bound, struct err *e)
{
	struct addrinfo *address = endpoint_find(where, port);
	int fd, saved;

	if (address == NULL)
		return err_set(
		    e, EX_USAGE, "'%.*s' is not ADDRESS or ADDRESS:PORT", STR_ARGS(where));
	if (any_port)
		clear_port(address);
	describe(address->ai_addr, address->ai_addrlen, bound);
	fd = open_socket(address, bound);
	saved = errno;
	freeaddrinfo(address);
	if (fd != -1)
		return fd;
	(void)err_set_errno(e, saved == EACCES ? EX_NOPERM : EX_OSERR, saved,
	    "cannot listen on %.*s", STR_ARGS(where));
	if (saved == EADDRINUSE)
		(void)err_hint(e, "another program has that port: 'ss -ltnp sport = :%u' names it",
		    (unsigned)bound->port);
	return -1;
}

int
net_listen(struct slice where, uint16_t port, struct net_peer *bound, struct err *e)
{
	return listen_on(where, port, false, bound, e);
}

int
net_listen_check(struct slice where, struct err *e)
{
	struct net_peer ignored;
	int fd = listen_on(where, 0, true, &ignored, e);

	if (fd == -1)
		return -1;
	(void)close(fd);
	return 0;
}

int
net_listen_accept(int fd, struct net_peer *peer)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof from;
	int yes = 1;
	int connection = accept4(fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (connection == -1)
		return -1;
	(void)setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	describe((struct sockaddr *)&from, len, peer);
	return connection;
}
