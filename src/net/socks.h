/*
 * socks: what a client says to a SOCKS5 proxy and what the proxy answers (RFC 1928), with a login
 * by name and password where one is given (RFC 1929). No I/O happens here (net/proxy does it), and
 * the name of the destination goes to the proxy as it is: we look nothing up.
 *
 * An exchange goes so: send OUT, receive WANT bytes and not one more, since what follows them is
 * the destination's, hand them to net_socks_take; and again, until nothing more is wanted.
 */
#ifndef NET_SOCKS_H
#define NET_SOCKS_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* The most bytes that are ever wanted at once. */
enum { NET_SOCKS_WANT_MAX = 257 };

struct net_socks_params {
	const char *host; /* of the destination: a name of at most 255 bytes, or an address */
	uint16_t port;
	const char *user, *password; /* 1 to 255 bytes each; USER is NULL without a login */
};

struct net_socks {
	struct buf out;
	size_t want; /* 0: the destination is at the other end of the connection now */

	/* Its own. */
	const struct net_socks_params *params;
	int (*next)(struct net_socks *, const unsigned char *, struct err *);
};

/* Begins an exchange. PARAMS must outlive it. -1 with EX_CONFIG for a value of another length. */
int net_socks_start(struct net_socks *s, const struct net_socks_params *params, struct err *e);

/*
 * Takes in the WANT bytes at ANSWER. -1 with EX_NOPERM where the proxy wants another login or its
 * rules forbid the destination, EX_TEMPFAIL where it cannot reach it, EX_PROTOCOL for what is no
 * SOCKS5.
 */
int net_socks_take(struct net_socks *s, const unsigned char *answer, struct err *e);

/* Wipes and frees what it holds. */
void net_socks_free(struct net_socks *s);

#endif
