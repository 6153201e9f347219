/*
 * loopback: the little HTTP server that a browser is sent to with the answer of a login (RFC 8252,
 * 7.3): on 127.0.0.1, for one request, and then no more.
 */
#ifndef OAUTH_LOOPBACK_H
#define OAUTH_LOOPBACK_H

#include <stdint.h>

#include "base/buf.h"
#include "base/deadline.h"
#include "base/err.h"

/* Listens on a free PORT. Returns the descriptor, which the caller closes; -1 with EX_OSERR. */
int oauth_loopback_open(uint16_t *port, struct err *e);

/*
 * Waits for `GET /?QUERY` with a state in it, appends QUERY to OUT, and answers with a page for the
 * person. A connection that says nothing, or asks for something else (browsers do both), is passed
 * over. -1 with EX_TEMPFAIL at the deadline WITHIN.
 */
int oauth_loopback_take(int fd, struct deadline within, struct buf *out, struct err *e);

#endif
