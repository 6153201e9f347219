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
#include "mail/address.h"
#include "sasl/client.h"
#include "smtp/dialogue.h"
#include "smtp/ehlo.h"

struct net_tls_params;
struct smtp_transaction;

/* AUTH with its initial response, where it waits for the first transaction to go out with it. */
struct smtp_client_login {
	char open[64];	     /* "AUTH PLAIN "; "" where none waits */
	struct buf response; /* base64 */
};

/*
 * The stream, the transcript and the name are the caller's, and live as long as the session. Set
 * those and what is unwanted, zeros else, and call smtp_client_free in the end.
 */
struct smtp_client {
	struct smtp_dialogue dialogue;
	const char *name;     /* ours, for EHLO: a host name or an address literal */
	const char *provider; /* whose server it is, for explain.h; NULL where we know none */
	bool lmtp;	      /* LHLO in place of EHLO (RFC 2033) */
	unsigned unwanted;    /* SMTP_EHLO_...: not used though the server offers them */

	char greeting[256];    /* the first line of the server's, escaped */
	struct smtp_ehlo ehlo; /* what the server can, as said last, less what is unwanted */
	struct smtp_client_login login;
	unsigned mails; /* MAILs that were said */
	bool unclean; /* a transaction was begun and did not end well: RSET goes before the next */
	const struct smtp_transaction *ahead; /* its first commands were said; only it can follow */
	bool said_quit; /* QUIT went out with the end of a message (RFC 2920, 3.1) */
};

/* Reads the greeting. */
int smtp_client_welcome(struct smtp_client *c, struct err *e);

/* Says EHLO; where that is refused with 5xx, HELO. LHLO by LMTP. */
int smtp_client_hello(struct smtp_client *c, struct err *e);

/* Reads the greeting and says EHLO. */
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

/*
 * Logs in as smtp_client_log_in does; but where the server pipelines, and the mechanism takes one
 * round in which the client speaks first, AUTH only waits, to go out in one group with the first
 * transaction (RFC 4954, 4).
 */
int smtp_client_log_in_along(
    struct smtp_client *c, const struct sasl_client_params *params, struct err *e);

/*
 * Judges REPLY to an AUTH that went out along. 0 where we are logged in. Else the dialogue is over,
 * since the server may have taken without a login what followed: -1 where the login was refused, 1
 * where the server stumbled over the group and all has to begin again, over a new connection and
 * without PIPELINING, which is unwanted from now on.
 */
int smtp_client_logged_in(struct smtp_client *c, const struct smtp_reply *reply, struct err *e);

/*
 * Gives up a group with a login in it, none of whose content went out: all has to begin again as
 * above. Returns 1.
 */
int smtp_client_log_in_apart(struct smtp_client *c);

/* Were so many messages sent that the server takes no further one in this session (RFC 9422)? */
bool smtp_client_is_spent(const struct smtp_client *c);

/*
 * Says QUIT, unless that was said or the dialogue is over, and waits a little for the reply. Where
 * the server waits for the content of a message that is ahead, nothing more is said.
 */
void smtp_client_quit(struct smtp_client *c);

/* Wipes and frees what it owns. The stream stays open. */
void smtp_client_free(struct smtp_client *c);

/*
 * Sets E to what REPLY means at STAGE: "WHAT: the reply", WHAT being in the reader's language, and
 * exit code, cause and remedy by explain.h. Returns -1.
 */
int smtp_client_refused(const struct smtp_client *c, enum explain_stage stage,
    const struct smtp_reply *reply, const char *what, struct err *e);

/* As smtp_client_refused, of an ADDRESS: "WHAT <ADDRESS>: the reply". */
int smtp_client_refused_address(const struct smtp_client *c, enum explain_stage stage,
    const struct smtp_reply *reply, const char *what, const struct mail_address *address,
    struct err *e);

#endif
