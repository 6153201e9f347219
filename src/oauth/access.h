/*
 * access: an access token for a login, renewed where the one that is kept has expired.
 *
 * One process at a time renews a token (oauth/store's lock), since a server that gives a new
 * refresh token with each access token takes the second use of the old one for a theft.
 */
#ifndef OAUTH_ACCESS_H
#define OAUTH_ACCESS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "oauth/client.h"
#include "oauth/token.h"

/*
 * Appends an access token for C to OUT, which the caller wipes: of C's command, or the one that is
 * kept, renewed where it has expired or is the REFUSED one (without a value: none is). A renewed
 * one that cannot be kept is given all the same, and UNKEPT, no error before, says why. Returns 1;
 * 0 where there is neither a command nor a kept token; -1 with EX_NOPERM and a hint where a person
 * must log in anew, EX_TEMPFAIL where the token server cannot be reached, else as
 * oauth_exchange_run and oauth_store_load.
 */
int oauth_access_get(const struct oauth_client *c, struct slice refused, struct buf *out,
    struct err *unkept, struct err *e);

/* Appends to REQUEST the lines of the client itself: `client_id`, `client_secret`. */
void oauth_access_identify(const struct oauth_client *c, struct buf *request);

/*
 * Where the provider's word ERROR (RFC 6749 4.1.2.1, 5.2) is about what C's account says of this
 * program, E gets its meaning and a hint that mends it. Returns -1.
 */
int oauth_access_blame(const struct oauth_client *c, struct slice error, struct err *e);

/* oauth_exchange_run with C's server, whose refusals are blamed on the account where that is due.
 */
int oauth_access_send(
    const struct oauth_client *c, struct slice request, struct buf *answer, struct err *e);

/*
 * Has the answer of C's server to REQUEST made into T, which is empty; BEFORE as in
 * oauth_token_of_answer. Returns as oauth_access_send, and appends the answer to ANSWER where that
 * is not NULL.
 */
int oauth_access_ask(const struct oauth_client *c, struct slice request,
    const struct oauth_token *before, struct oauth_token *t, struct buf *answer, struct err *e);

/*
 * Asks C's server to take back what is kept in T (RFC 7009). 1 where it did, or has it no longer; 0
 * where it has no address for that; -1.
 */
int oauth_access_revoke(const struct oauth_client *c, const struct oauth_token *t, struct err *e);

#endif
