/*
 * connect: a TCP connection to a host, its addresses raced as RFC 8305 says.
 */
#ifndef NET_CONNECT_H
#define NET_CONNECT_H

#include <stdint.h>

#include "base/deadline.h"
#include "base/err.h"

struct net_connect_params {
	const char *host; /* A-label name, or an address */
	uint16_t port;	  /* 1..65535 */
	int family;	  /* AF_UNSPEC, AF_INET, AF_INET6 */
};

/* Who is at the other end: for the log and for messages. */
struct net_peer {
	char address[64]; /* numeric, without brackets */
	uint16_t port;
};

/*
 * Connects within the deadline. Addresses are tried in getaddrinfo's order with the families taking
 * turns; the next one starts 250 ms after the last, or at once when that failed (RFC 8305, 5), and
 * the first that connects is taken. The descriptor is non-blocking, close-on-exec, without Nagle's
 * delay; the caller closes it. *PEER says who answered.
 *
 * -1 as net_dns_lookup, or with EX_TEMPFAIL where no address took the connection.
 */
int net_connect(const struct net_connect_params *params, struct deadline within,
    struct net_peer *peer, struct err *e);

#endif
