/*
 * connect: a connection to a server: by TCP, its addresses raced (net/race), through a proxy or
 * not; or by a unix socket.
 */
#ifndef NET_CONNECT_H
#define NET_CONNECT_H

#include <stdint.h>

#include "base/deadline.h"
#include "base/err.h"

/* A SOCKS5 proxy. */
struct net_connect_proxy {
	const char *host; /* A-label name, or an address; NULL: there is none */
	uint16_t port;
	const char *user, *password; /* NULL where it needs no login */
};

struct net_connect_params {
	const char *host;		/* A-label name, or an address */
	uint16_t port;			/* 1..65535 */
	int family;			/* AF_UNSPEC, AF_INET, AF_INET6 */
	const char *source;		/* an address of this machine to come from; NULL: any */
	const char *socket;		/* path of a unix socket, or with @ before it a Linux
					   abstract name: then nothing else here counts; NULL: TCP */
	struct net_connect_proxy proxy; /* looks HOST up itself; FAMILY and SOURCE are for it */
};

/* Who is at the other end: for the log and for messages. */
struct net_peer {
	char address[128]; /* numeric, without brackets; or the path of the socket */
	uint16_t port;	   /* 0 for a unix socket */
};

/*
 * Connects within the deadline, proxy and all. The descriptor is non-blocking, close-on-exec,
 * without Nagle's delay; the caller closes it. *PEER says who answered, which may be the proxy.
 *
 * -1 as net_dns_lookup and net_proxy_traverse; with EX_TEMPFAIL where nobody took the connection;
 * with EX_CONFIG for a source of another family or none of this machine, or a path that is too long
 * for a socket.
 */
int net_connect(const struct net_connect_params *params, struct deadline within,
    struct net_peer *peer, struct err *e);

#endif
