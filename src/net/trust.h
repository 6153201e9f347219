/*
 * trust: which certificates a client believes, and why it does not.
 *
 * GnuTLS makes every decision (RFC 5280 path validation, RFC 6125 names); this file chooses the
 * roots that it may use and puts its verdict into words. To parse all roots of a system costs more
 * than everything else in a submission, so only those are loaded whose name occurs in the server's
 * chain. That is a filter and no decision: a chain that fails with them is judged once more with
 * all roots before it is refused.
 */
#ifndef NET_TRUST_H
#define NET_TRUST_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct gnutls_certificate_credentials_st;
struct gnutls_session_int;
struct net_tls_params;

/* The certificate that the peer of SESSION showed, in DER, the session's; no value where none. */
struct slice net_trust_peer(struct gnutls_session_int *session);

/*
 * Does what PARAMS say about the certificate that the peer of SESSION showed: a pin, where there
 * are any; else verify the chain for the host's name, with roots and lists of revoked certificates
 * that are put into CREDENTIALS, the session's own; else nothing. -1 with EX_NOPERM, in words and
 * with a hint, where it must not be trusted; EX_CONFIG where a file is of no use, or there are no
 * roots at all.
 *
 * *UNTIL, in seconds of the epoch, is how long the same would be said of the same chain, as far as
 * the chain and the lists say; 0 where nothing was verified.
 */
int net_trust_verify(const struct net_tls_params *params, struct gnutls_session_int *session,
    struct gnutls_certificate_credentials_st *credentials, int64_t *until, struct err *e);

#endif
