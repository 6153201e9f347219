/*
 * code: the login with a browser: the authorization code (RFC 6749 4.1) with PKCE (RFC 7636), for a
 * program on the person's own machine (RFC 8252): the provider sends the browser to an address of
 * this machine, with the code.
 *
 * Only who knows the verifier can use the code, and only an answer with our state is taken.
 */
#ifndef OAUTH_CODE_H
#define OAUTH_CODE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "oauth/client.h"
#include "oauth/token.h"

enum { OAUTH_CODE_RANDOM_SIZE = 44 }; /* 32 bytes in base64url, and a NUL */

/* A login under way. */
struct oauth_code {
	char verifier[OAUTH_CODE_RANDOM_SIZE]; /* a secret */
	char state[OAUTH_CODE_RANDOM_SIZE];
	char redirect[32]; /* where the browser is sent: "http://localhost:PORT" */
	struct buf url;	   /* what the person opens */
};

/*
 * Begins a login for C, which has an id and an auth_url; the browser will be sent to PORT.
 * On success oauth_code_free frees CODE.
 */
int oauth_code_begin(
    const struct oauth_client *c, uint16_t port, struct oauth_code *code, struct err *e);

/*
 * Takes the QUERY with which the browser came back ("code=...&state=..."), and has the code in it
 * made into the token T, which is empty. -1 with EX_NOPERM where the state is not ours or the
 * person or the provider said no, EX_PROTOCOL where there is no code, else as oauth_exchange_run.
 */
int oauth_code_redeem(const struct oauth_client *c, const struct oauth_code *code,
    struct slice query, struct oauth_token *t, struct err *e);

void oauth_code_free(struct oauth_code *code);

#endif
