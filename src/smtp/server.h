/*
 * server: the protocol of a receiving server, RFC 5321 (SMTP) and RFC 2033 (LMTP), with PIPELINING,
 * SIZE, 8BITMIME, SMTPUTF8, CHUNKING, ENHANCEDSTATUSCODES, DSN, LIMITS, STARTTLS and AUTH.
 *
 * It has no descriptor and calls nobody. The owner hands it the bytes that came, gets events, and
 * answers those that ask; replies gather in a buffer that the owner writes out. While an event is
 * unanswered no input is taken, so an answer may take its time. It knows the order of commands and
 * nothing of users, domains, files and passwords.
 *
 *	NEED_INPUT   come back with more bytes behind those that are left
 *	NEED_ANSWER  come back when the last event is answered
 *	MAIL, RCPT   answer: detail.command has path and parameters
 *	BODY         take in detail.body, the message's next bytes; no answer
 *	MESSAGE      the message is complete; answer, once for each recipient in LMTP
 *	RESET        drop what there is of a message; no answer
 *	AUTH         a login begins: detail.command has mechanism and initial response; answer, or
 *	             smtp_server_challenge
 *	RESPONSE     detail.response is what the client says to the challenge; answer as to AUTH
 *	QUEUE        detail.command.argument is the request (smtp/xqueue.h); answer
 *	STARTTLS     write the output out, shake hands, then smtp_server_secured
 *	CLOSE        write the output out and close
 */
#ifndef SMTP_SERVER_H
#define SMTP_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "smtp/command.h"

enum {
	SMTP_SERVER_LINE_MAX = 2048,	   /* bytes of a command line */
	SMTP_SERVER_AUTH_LINE_MAX = 12288, /* RFC 4954 4 */
	SMTP_SERVER_ERRORS_MAX = 20,	   /* mistakes before a 421 */
	SMTP_SERVER_REFUSALS_MAX = 100,	   /* recipients refused in a row, likewise */
	SMTP_SERVER_OUTPUT_MAX = 65536,
	SMTP_SERVER_ANSWER_MAX = 600, /* of a recipient, to a message that has one for each */
};

enum smtp_server_event {
	SMTP_SERVER_NEED_INPUT,
	SMTP_SERVER_NEED_ANSWER,
	SMTP_SERVER_MAIL,
	SMTP_SERVER_RCPT,
	SMTP_SERVER_BODY,
	SMTP_SERVER_MESSAGE,
	SMTP_SERVER_RESET,
	SMTP_SERVER_AUTH,
	SMTP_SERVER_RESPONSE,
	SMTP_SERVER_STARTTLS,
	SMTP_SERVER_QUEUE,
	SMTP_SERVER_CLOSE,
};

/* What a listener offers. It is shared by its sessions and outlives them. */
struct smtp_server_params {
	const char *hostname;
	bool lmtp;
	bool lenient;	   /* input of a program on this machine: smtp/body.h, smtp/command.h */
	bool dsn;	   /* the owner heeds RET, ENVID, NOTIFY, ORCPT (RFC 3461) */
	bool queues;	   /* the owner heeds XWAIT (smtp/params.h) and XQUEUE (smtp/xqueue.h) */
	bool starttls;	   /* STARTTLS is offered */
	bool require_auth; /* MAIL only after a login */
	const char *auth_clear;	 /* mechanisms without TLS, blanks between them; NULL for none */
	const char *auth_tls;	 /* mechanisms under TLS */
	uint64_t max_size;	 /* bytes of a message */
	unsigned max_recipients; /* of a message */
	unsigned max_mails;	 /* in a session, whatever becomes of them; 0: any number */
};

/* Belongs to an event, valid until the next call of anything here. */
struct smtp_server_detail {
	struct smtp_command command; /* MAIL, RCPT, AUTH */
	struct slice body;	     /* BODY */
	struct slice response;	     /* RESPONSE: base64 */
};

struct smtp_server;

/*
 * A session with its greeting in the output; TLS says that it begins under TLS. NULL where there is
 * no memory. The owner frees it.
 */
struct smtp_server *smtp_server_new(const struct smtp_server_params *params, bool tls);
void smtp_server_free(struct smtp_server *s);

/*
 * Takes what it can off the front of *INPUT and says what comes of it. The owner keeps what is left
 * in *INPUT and comes back with it and more. While the output is longer than half of
 * SMTP_SERVER_OUTPUT_MAX nothing is taken: a client that doesn't read its replies waits.
 */
enum smtp_server_event smtp_server_next(
    struct smtp_server *s, struct slice *input, struct smtp_server_detail *detail);

/*
 * The answer yes, with TEXT behind the code, or with the usual text where TEXT is NULL; and the
 * answer no with the reply that E is (smtp/refusal.h; without a code of its own 451 4.3.0 for what
 * may pass, else 554 5.3.0, and then without E's text, which is not for strangers).
 */
void smtp_server_accept(struct smtp_server *s, const char *text);
void smtp_server_refuse(struct smtp_server *s, const struct err *e);

/* Answers AUTH or RESPONSE with a challenge in base64. */
void smtp_server_challenge(struct smtp_server *s, struct slice challenge);

/* TLS has begun: all that the client said is forgotten (RFC 3207 4.2). */
void smtp_server_secured(struct smtp_server *s);

/* Ends the session from the owner's side: E is the reply (421), the next event CLOSE. */
void smtp_server_end(struct smtp_server *s, const struct err *e);

/* The replies to be written; the owner consumes what it has written. */
struct buf *smtp_server_output(struct smtp_server *s);

/* Does the last event still wait for an answer? */
bool smtp_server_is_waiting(const struct smtp_server *s);

/* Has the client more to say of a message, so that to end now would be rude? */
bool smtp_server_is_busy(const struct smtp_server *s);

/* What the client called itself, "" before; and the protocol of RFC 3848 ("ESMTPSA"). */
const char *smtp_server_client(const struct smtp_server *s);
const char *smtp_server_protocol(const struct smtp_server *s);

/* Does each recipient of the message have an answer of its own, by LMTP or XWAIT? */
bool smtp_server_answers_each(const struct smtp_server *s);

#endif
