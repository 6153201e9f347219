/*
 * proxy: the way through a SOCKS5 proxy, on a connection to it.
 */
#ifndef NET_PROXY_H
#define NET_PROXY_H

#include "base/deadline.h"
#include "base/err.h"

struct net_socks_params;

/*
 * Has the proxy at the other end of FD, a non-blocking socket, connect it to the destination of
 * PARAMS. Nothing that the destination says is read. -1 as net_socks_take, or with EX_TEMPFAIL at
 * the deadline or for a lost connection.
 */
int net_proxy_traverse(
    int fd, const struct net_socks_params *params, struct deadline within, struct err *e);

#endif
