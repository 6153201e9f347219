/*
 * server: a login as a server sees it (RFC 4422, RFC 4954): SCRAM-SHA-256 (RFC 7677), PLAIN (RFC
 * 4616), LOGIN, against a users file (sasl/users.h). libgsasl does the talking. What would show the
 * password on the wire is there under TLS alone. A login of an unknown user is like one with a
 * wrong password in every byte and step.
 */
#ifndef SASL_SERVER_H
#define SASL_SERVER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct sasl_server; /* one login; it belongs to whoever began it */

struct sasl_server_params {
	const char *users;   /* the users file */
	struct slice secret; /* random bytes of this process, for its decoys; the same for all */
	bool secure;	     /* the connection is under TLS */
};

enum sasl_server_state {
	SASL_SERVER_CHALLENGE, /* send the challenge, give the answer to the next step */
	SASL_SERVER_DONE,      /* the user is who he says he is */
	SASL_SERVER_FAILED,    /* he isn't, or the file can't be read: the error says which */
};

/* The names of the mechanisms with blanks between them, as EHLO shows them; NULL for none. HASHES:
 * some have a hash of crypt(3), with which a client that prefers SCRAM could not log in. */
const char *sasl_server_mechanisms(bool secure, bool hashes);

/*
 * Begins a login by MECHANISM. PARAMS must outlive it. -1 with EX_UNAVAILABLE for a mechanism that
 * is not there, EX_SOFTWARE where libgsasl fails.
 */
int sasl_server_new(struct slice mechanism, const struct sasl_server_params *params,
    struct sasl_server **out, struct err *e);

/*
 * One step: takes RESPONSE, base64 from the client (no value, or "", for none), appends the
 * challenge, base64 too, to CHALLENGE (which may stay empty: that is then the challenge). After
 * SASL_SERVER_FAILED E is EX_NOPERM where the client is at fault, EX_PROTOCOL where it did not send
 * base64 or not what the mechanism says, EX_TEMPFAIL or EX_CONFIG where this machine is.
 */
enum sasl_server_state sasl_server_step(
    struct sasl_server *s, struct slice response, struct buf *challenge, struct err *e);

/* The name that was logged in with, after SASL_SERVER_DONE; lives as long as S. */
const char *sasl_server_user(const struct sasl_server *s);

/* Ends it and wipes what it knew. NULL is allowed. */
void sasl_server_free(struct sasl_server *s);

#endif
