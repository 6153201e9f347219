/*
 * channel: a client's connection, with or without TLS, that never waits.
 */
#ifndef IMBUCAD_CHANNEL_H
#define IMBUCAD_CHANNEL_H

#include <sys/types.h>

#include <stdbool.h>

#include "base/err.h"
#include "net/tls.h"

struct imbucad_channel {
	int fd;
	struct net_tls *tls; /* NULL without */
	bool shaking;	     /* TLS has begun and is not there yet */
	short wants; /* POLLIN or POLLOUT: what the last call that could not go on waits for */
};

/* The connection FD, which it then owns, without TLS. */
void imbucad_channel_open(struct imbucad_channel *c, int fd);

/* Begins TLS as a server. -1 with EX_SOFTWARE. */
int imbucad_channel_secure(
    struct imbucad_channel *c, const struct net_tls_identity *identity, struct err *e);

/* Goes on with the handshake. 1 when it is done, 0 when it waits, -1 as net_tls_handshake. */
int imbucad_channel_handshake(struct imbucad_channel *c, struct err *e);

/*
 * Reads up to N bytes, writes up to N bytes. How many; 0 at the end (reading); NET_TLS_AGAIN when
 * it waits; -1 where the connection is broken.
 */
ssize_t imbucad_channel_read(struct imbucad_channel *c, void *ptr, size_t n);
ssize_t imbucad_channel_write(struct imbucad_channel *c, const void *ptr, size_t n);

/* Ends our side: the peer sees that nothing more comes. What it says is still read, and not
 * decrypted. */
void imbucad_channel_finish(struct imbucad_channel *c);

/* Closes. */
void imbucad_channel_close(struct imbucad_channel *c);

#endif
