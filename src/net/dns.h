/*
 * dns: the addresses of a host, within a deadline.
 */
#ifndef NET_DNS_H
#define NET_DNS_H

#include <stdint.h>

#include "base/deadline.h"
#include "base/err.h"

struct addrinfo;

/*
 * The stream addresses of HOST (an A-label name or an address) with PORT (0..65535), in the order
 * of RFC 6724, the first with the canonical name. FAMILY is AF_UNSPEC, AF_INET or AF_INET6. The
 * caller frees *OUT with freeaddrinfo.
 *
 * getaddrinfo(3) has no deadline of its own, so a name is looked up in a thread, which is left
 * behind when the deadline comes first. An address takes no thread.
 *
 * -1 with EX_NOHOST where there is no such host, EX_TEMPFAIL where asking failed for now or took
 * until the deadline.
 */
int net_dns_lookup(const char *host, uint16_t port, int family, struct deadline within,
    struct addrinfo **out, struct err *e);

#endif
