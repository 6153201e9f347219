/*
 * client: a session with a submission server (RFC 5321, 6409) up to the point where messages go:
 * greeting, EHLO, STARTTLS (RFC 3207), AUTH (RFC 4954), and the farewell. Messages are in
 * transaction.h.
 *
 * Each step is straight-line: it asks, reads, and fails with the server's words, what they mean
 * and what to do. The caller decides which steps an account wants, and never takes one for another:
 * no STARTTLS is an error here and never plain text.
 */
#ifndef SMTP_CLIENT_H
#define SMTP_CLIENT_H

#include "explain/explain.h"
#include "sasl/client.h"
#include "smtp/dialogue.h"
#include "smtp/ehlo.h"

struct net_tls_params;

/* The stream, the transcript and the name are the caller's, and live as long as the session. */
struct smtp_client {
	struct smtp_dialogue dialogue;
	const char *name;      /* ours, for EHLO: a host name or an address literal */
	struct smtp_ehlo ehlo; /* what the server can, as said last */
	bool said_quit;	       /* QUIT went out with the end of a message (RFC 2920, 3.1) */
};

/* Reads the greeting and says EHLO; where that is refused with 5xx, HELO. */
int smtp_client_greet(struct smtp_client *c, struct err *e);

/*
 * Changes to TLS by STARTTLS and says EHLO again: what the server said before counts for nothing.
 * EX_PROTOCOL where the server does not offer it.
 */
int smtp_client_start_tls(
    struct smtp_client *c, const struct net_tls_params *params, struct err *e);

/* Logs in. EX_NOPERM where the server refuses, EX_TEMPFAIL where it cannot say now. */
int smtp_client_log_in(
    struct smtp_client *c, const struct sasl_client_params *params, struct err *e);

/* Says QUIT, unless that was said or the dialogue is over, and waits a little for the reply. */
void smtp_client_quit(struct smtp_client *c);

/*
 * Sets E to what REPLY means at STAGE: "WHAT: the reply", the exit code and hint by explain.h.
 * Returns -1.
 */
int smtp_client_refused(
    enum explain_stage stage, const struct smtp_reply *reply, const char *what, struct err *e);

#endif
