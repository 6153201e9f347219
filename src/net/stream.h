/*
 * stream: a connection to talk lines over, plain or under TLS, each wait within a deadline.
 *
 * Writing drains what the other side says meanwhile, so that two full windows cannot lock each
 * other up. What was read and not yet consumed is the input; it has a maximum, and a peer that
 * fills it is not listened to until the owner has consumed some.
 */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "base/deadline.h"
#include "base/err.h"
#include "base/str.h"

enum { NET_STREAM_INPUT_MAX = 128 << 10 };

struct net_stream;
struct net_tls;
struct net_tls_params;

/*
 * A stream over FD, a connected, non-blocking socket, which it owns from now on. NULL without
 * memory; FD is closed then.
 */
struct net_stream *net_stream_new(int fd, struct err *e);

/*
 * Changes to TLS as a client. Input that is left over was sent before the handshake, by somebody
 * who wants it taken for part of the protected session: EX_PROTOCOL (RFC 3207, 6). Else as
 * net_tls_connect and net_tls_handshake; EX_TEMPFAIL at the deadline.
 */
int net_stream_start_tls(struct net_stream *s, const struct net_tls_params *params,
    struct deadline within, struct err *e);

/* The session under TLS, NULL in plain text. It stays the stream's. */
const struct net_tls *net_stream_tls(const struct net_stream *s);

/* The input. Valid until the next call on the stream. */
struct slice net_stream_input(const struct net_stream *s);

/* Drops the first N bytes of the input. */
void net_stream_consume(struct net_stream *s, size_t n);

/*
 * Waits until there is more input. Returns 1 when there is, 0 when the peer has closed, -1 with
 * EX_TEMPFAIL at the deadline or for a lost connection, EX_PROTOCOL where the input is full.
 */
int net_stream_fill(struct net_stream *s, struct deadline within, struct err *e);

/* Takes in all that is there, as far as there is room, without waiting. */
void net_stream_drain(struct net_stream *s);

/*
 * Writes all of DATA. -1 with EX_TEMPFAIL at the deadline or for a lost connection; what the peer
 * said before that stands in the input.
 */
int net_stream_write(
    struct net_stream *s, struct slice data, struct deadline within, struct err *e);

/* Ends TLS and closes the connection, without waiting. NULL is allowed. */
void net_stream_close(struct net_stream *s);

#endif
