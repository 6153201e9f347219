/*
 * client: a login as a client (RFC 4422), in the base64 of SMTP's AUTH (RFC 4954), by the best
 * mechanism of sasl/mechanism.h, or one after the other where the server refuses a mechanism.
 * Knows no connection.
 */
#ifndef SASL_CLIENT_H
#define SASL_CLIENT_H

#include "base/buf.h"
#include "base/err.h"

struct sasl_client;

/* What is pointed to needs to live as long as the client. */
struct sasl_client_params {
	const char *user;	  /* NULL only for EXTERNAL */
	const char *password;	  /* or a token */
	bool is_token;		  /* it is one */
	const char *host;	  /* the server's name, for mechanisms that bind to it */
	unsigned port;		  /* its port, for the same */
	const char *domain;	  /* NTLM's; NULL for none */
	const char *mechanism;	  /* the one to take ("PLAIN"); NULL for the best one */
	bool protected;		  /* the connection is under TLS */
	const char *binding_type; /* "tls-exporter" or "tls-unique"; NULL: no channel binding */
	struct slice binding;	  /* its bytes */
};

/*
 * Begins a login with the best mechanism out of OFFERED (capitals, a blank before and behind each;
 * it needs to live as long as the client) that PARAMS allow (sasl_mechanism_next) and this build
 * has. -1 with EX_NOPERM where there is none.
 */
int sasl_client_new(const struct sasl_client_params *params, const char *offered,
    struct sasl_client **out, struct err *e);

/*
 * Begins anew with the next best mechanism, for a server that refused the one before without a look
 * at the password. Returns 1; 0 where there is none, and then only sasl_client_free is left; -1.
 */
int sasl_client_next(struct sasl_client *c, struct err *e);

/* The mechanism's name. */
const char *sasl_client_mechanism(const struct sasl_client *c);

/* Does the client speak first, so that AUTH bears an initial response? */
bool sasl_client_speaks_first(const struct sasl_client *c);

/*
 * Answers the server's CHALLENGE (base64 text; "" to begin) with what it appends to ANSWER (base64
 * text, a secret). -1 with EX_PROTOCOL where the server does not follow the mechanism (or does not
 * know the password itself), EX_NOPERM where it asks what must not be told.
 */
int sasl_client_step(
    struct sasl_client *c, struct slice challenge, struct buf *answer, struct err *e);

/* Has the exchange come to its end, the server's own proof included? */
bool sasl_client_is_done(const struct sasl_client *c);

/* The reason for a refusal that the server gave within the mechanism, escaped; "" without one. */
const char *sasl_client_told(const struct sasl_client *c);

/* The version of libgsasl that runs. */

/* NULL is allowed. */
void sasl_client_free(struct sasl_client *c);

#endif
