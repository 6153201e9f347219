/*
 * mechanism: the mechanisms that a client can log in with (RFC 4422), in one table, the best first:
 * those that tie the login to the TLS session, those that show no password, the plain ones, the
 * broken ones, and those that are taken only where the account names them.
 */
#ifndef SASL_MECHANISM_H
#define SASL_MECHANISM_H

#include <stdbool.h>

#include "base/err.h"

struct sasl_client_params;
struct sasl_engine;

/* Traits, as bits. */
enum sasl_mechanism_trait {
	SASL_MECHANISM_SPEAKS = 1 << 0, /* the client speaks first */
	SASL_MECHANISM_SHOWS = 1 << 1,	/* shows the password to whoever listens */
	SASL_MECHANISM_BINDS = 1 << 2,	/* to the TLS session, of whose bytes it needs some */
	SASL_MECHANISM_NAMED = 1 << 3,	/* taken only where the account names it */
	SASL_MECHANISM_NO_PASSWORD = 1 << 4,
	SASL_MECHANISM_TOKEN = 1 << 5, /* takes a token, not a password */
};

struct sasl_mechanism {
	const char *name;
	unsigned traits;
	const struct sasl_engine *engine; /* NULL: libgsasl, which the module has */
};

/*
 * The best mechanism below AFTER (NULL: of all) that the server OFFERED (capitals, a blank before
 * and behind each) and PARAMS allow: the one that they name, or without a name any that needs none;
 * with a token those that take one, and else the others.
 * One that shows the password is taken without TLS only where it is named. NULL where there is
 * none.
 */
const struct sasl_mechanism *sasl_mechanism_next(const struct sasl_mechanism *after,
    const struct sasl_client_params *params, const char *offered);

/* Sets E, EX_NOPERM, to why there was none at all. Returns -1. */
int sasl_mechanism_fail(
    const struct sasl_client_params *params, const char *offered, struct err *e);

/* Does a login by the mechanism NAME (NULL: by any) need a password? Can it use a token? */
bool sasl_mechanism_needs_password(const char *name);
bool sasl_mechanism_takes_token(const char *name);

#endif
