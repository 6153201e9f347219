/*
 * route: see route.h.
 */
#include <config.h>

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <ifaddrs.h>
#include <stddef.h>

#include "net/route.h"

#include "base/banned.h"

/* Is ADDRESS one by which others can be reached? One that is only of its link is not. */
static bool
is_usable(const struct sockaddr *address)
{
	if (address == NULL)
		return false;
	if (address->sa_family == AF_INET6)
		return !IN6_IS_ADDR_LINKLOCAL(
		    &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
	return address->sa_family == AF_INET;
}

bool
net_route_exists(void)
{
	struct ifaddrs *all;
	bool found = false;

	if (getifaddrs(&all) != 0)
		return true;
	for (const struct ifaddrs *i = all; i != NULL && !found; i = i->ifa_next)
		found = (i->ifa_flags & IFF_UP) != 0 && (i->ifa_flags & IFF_LOOPBACK) == 0 &&
			is_usable(i->ifa_addr);
	freeifaddrs(all);
	return found;
}
