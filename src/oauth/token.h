/*
 * token: what a token server gave: an access token, which is short-lived, and perhaps a refresh
 * token, which brings the next.
 */
#ifndef OAUTH_TOKEN_H
#define OAUTH_TOKEN_H

#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* The slices point into TEXT, which is as the token is kept: oauth/lines. */
struct oauth_token {
	struct buf text;
	struct slice access;
	struct slice refresh; /* no value: there is none */
	struct slice scope;   /* what it allows, where the server said so */
	int64_t expires_at;   /* seconds since 1970; 0: nobody said */
};

enum { OAUTH_TOKEN_MAXIMUM = 64 << 10 }; /* bytes of its text */

#define OAUTH_TOKEN_INIT                              \
	{                                             \
		.text = BUF_INIT(OAUTH_TOKEN_MAXIMUM) \
	}

/*
 * Makes T, which is empty, of ANSWER (RFC 6749 5.1, as lines), which came at the time NOW. What the
 * answer does not repeat stays as in BEFORE (may be NULL):
 * the refresh token, unless it was rotated. -1 with EX_PROTOCOL.
 */
int oauth_token_of_answer(struct oauth_token *t, struct slice answer, time_t now,
    const struct oauth_token *before, struct err *e);

/* Makes T, which is empty, of a kept TEXT. -1 with EX_CONFIG where that is damaged. */
int oauth_token_of_text(struct oauth_token *t, struct slice text, struct err *e);

/* Is it good at NOW, and for a minute more? One of which nobody knows better is. */
bool oauth_token_is_fresh(const struct oauth_token *t, time_t now);

/* Wipes it; it is empty then. */
void oauth_token_free(struct oauth_token *t);

#endif
