/*
 * listen: sockets that wait for TCP connections.
 */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "net/connect.h"

/*
 * Listens on WHERE: a numeric address, "127.0.0.1" or "[::1]", and ":PORT" behind it, else PORT.
 * Port 0 takes a free one. Returns the descriptor, non-blocking and close-on-exec, which the caller
 * closes, and in BOUND what it got. -1 with EX_USAGE where WHERE is no address, EX_OSERR, or
 * EX_NOPERM where the port is not for this user.
 */
int net_listen(struct slice where, uint16_t port, struct net_peer *bound, struct err *e);

/* Is the address in WHERE one of this machine's? Its port may be in use. -1 as net_listen. */
int net_listen_check(struct slice where, struct err *e);

/*
 * The next connection on the listening FD, non-blocking, close-on-exec, without Nagle's delay, and
 * in PEER who it is. -1 where there is none now, or it is gone, or descriptors have run out: errno.
 */
int net_listen_accept(int fd, struct net_peer *peer);

#endif
