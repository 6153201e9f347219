/*
 * client: a login as a client, by the mechanisms of libgsasl (RFC 4422), in the base64 of SMTP's
 * AUTH (RFC 4954). Knows no connection.
 */
#ifndef SASL_CLIENT_H
#define SASL_CLIENT_H

#include "base/buf.h"
#include "base/err.h"

struct sasl_client;

/* The strings need to live as long as the client. */
struct sasl_client_params {
	const char *user;
	const char *password;
	const char *host;      /* the server's name, for mechanisms that bind to it */
	const char *mechanism; /* the one to take ("PLAIN"); NULL for the best one */
	bool protected;	       /* the connection is under TLS */
};

/*
 * Begins a login with a mechanism out of OFFERED (capitals, a blank before and behind each): the
 * one that PARAMS names, or the first of our own table that is offered. Without TLS one that shows
 * the password is taken only where PARAMS names it. -1 with EX_NOPERM where there is none to take.
 */
int sasl_client_new(const struct sasl_client_params *params, const char *offered,
    struct sasl_client **out, struct err *e);

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

/* The version of libgsasl that runs. */
const char *sasl_client_library(void);

/* NULL is allowed. */
void sasl_client_free(struct sasl_client *c);

#endif
