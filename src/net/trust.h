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

#include "base/err.h"

struct gnutls_certificate_credentials_st;
struct gnutls_session_int;

struct net_trust; /* the roots for one session */

/*
 * The roots of FILE (PEM), or the system's where FILE is NULL. -1 with EX_CONFIG where FILE cannot
 * be read or holds no certificate. The caller frees *OUT.
 */
int net_trust_new(const char *file, struct net_trust **out, struct err *e);

/*
 * Verifies the chain that the peer of SESSION showed, for the name HOST, with the roots of TRUST,
 * which are put into CREDENTIALS, the session's own. -1 with EX_NOPERM, in words and with a hint,
 * where it must not be trusted; EX_CONFIG where there are no roots at all.
 */
int net_trust_verify(struct net_trust *trust, struct gnutls_session_int *session,
    struct gnutls_certificate_credentials_st *credentials, const char *host, struct err *e);

/* NULL is allowed. */
void net_trust_free(struct net_trust *trust);

#endif
