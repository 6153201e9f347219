/*
 * race: a TCP connection to whichever of a host's addresses answers first (RFC 8305).
 */
#ifndef NET_RACE_H
#define NET_RACE_H

#include "base/deadline.h"

struct addrinfo;

/*
 * Connects to one address of LIST within the deadline, coming from the address SOURCE (NULL for
 * any), whose family those of LIST have. They are tried in their order with the families taking
 * turns; the next one starts 250 ms after the last, or at once when that failed (RFC 8305, 5), and
 * the first that connects is the winner.
 *
 * Returns a descriptor, non-blocking, close-on-exec, without Nagle's delay, which the caller
 * closes; -1 with errno where no address took the connection, ETIMEDOUT at the deadline.
 */
int net_race(const struct addrinfo *list, const struct addrinfo *source, struct deadline within,
    const struct addrinfo **winner);

#endif
