/*
 * resolver: asks a name server for records (libresolv), within a deadline; by TCP where the answer
 * is too long for UDP.
 */
#ifndef NET_RESOLVER_H
#define NET_RESOLVER_H

#include "base/deadline.h"
#include "base/err.h"
#include "net/record.h"

/* The name server to ask; with an empty address those of the system (resolv.conf(5)). */
struct net_resolver {
	char address[64]; /* numeric */
	uint16_t port;
};

/*
 * Reads TEXT: "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353". The port is 53
 * without one. -1 with EX_USAGE.
 */
int net_resolver_parse(struct slice text, struct net_resolver *out, struct err *e);

/*
 * Asks for the records of NAME (A-labels, absolute: no search list, no /etc/hosts) into OUT, which
 * held none. 0 also where there are none. -1 with EX_TEMPFAIL where nobody answered, or not in time
 * or not now, EX_PROTOCOL as net_record_parse.
 */
int net_resolver_ask(const struct net_resolver *resolver, const char *name,
    enum net_record_type type, struct deadline within, struct net_records *out, struct err *e);

#endif
