/*
 * endpoint: where to wait for connections: a numeric address, an IPv6 one in brackets, and a port.
 */
#ifndef BASE_ENDPOINT_H
#define BASE_ENDPOINT_H

#include <netdb.h>
#include <stdint.h>

#include "base/str.h"

/*
 * The addresses of WHERE, "127.0.0.1" or "[::1]", and ":PORT" behind it, else PORT; freeaddrinfo is
 * the caller's. NULL where it is nothing of that kind, or memory is short. No name is looked up.
 */
struct addrinfo *endpoint_find(struct slice where, uint16_t port);

#endif
