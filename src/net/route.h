/*
 * route: is there any network at all?
 */
#ifndef NET_ROUTE_H
#define NET_ROUTE_H

#include <stdbool.h>

/*
 * Has this machine an interface, other than loopback, that is up and has an address? Without one
 * there is no sense in asking a resolver and waiting for it. True where that cannot be told.
 */
bool net_route_exists(void);

#endif
