/*
 * trust: which certificates a client believes, and why it does not.
 *
 * GnuTLS makes every decision (RFC 5280 path validation, RFC 6125 names); this file chooses the
 * roots that it may use and puts its verdict into words.
 */
#ifndef NET_TRUST_H
#define NET_TRUST_H

#include "base/err.h"

struct gnutls_certificate_credentials_st;
struct gnutls_session_int;

/*
 * Gives CREDENTIALS the roots of FILE (PEM), or the system's where FILE is NULL. -1 with EX_CONFIG
 * where there are none.
 */
int net_trust_load(
    struct gnutls_certificate_credentials_st *credentials, const char *file, struct err *e);

/*
 * Verifies the chain that the peer of SESSION showed, for the name HOST. -1 with EX_NOPERM, in
 * words and with a hint, where it must not be trusted.
 */
int net_trust_verify(struct gnutls_session_int *session, const char *host, struct err *e);

#endif
