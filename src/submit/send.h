/*
 * send: one message over one account's server: connection, TLS, login, transaction, as the account
 * says and in no other way.
 */
#ifndef SUBMIT_SEND_H
#define SUBMIT_SEND_H

#include "conf/account.h"
#include "mail/envelope.h"
#include "mail/message.h"
#include "net/connect.h"
#include "net/transcript.h"
#include "smtp/transaction.h"
#include "submit/session.h"

/* The caller sets the first four, and what it wants of the next three, zeroes the rest, and calls
 * submit_send_free in the end. */
struct submit_send {
	const struct conf_account *account; /* settled */
	const struct mail_envelope *envelope;
	struct mail_message *message; /* complete; changed where the server needs it so */
	const struct net_transcript *transcript;

	bool waits;	    /* for what the provider says, where imbucad would queue it */
	const char *queued; /* its name in the queue, NULL: it is not there */
	size_t most;	    /* recipients to a transaction; 0: as many as the account allows */
	struct submit_send *next; /* what will be sent after it over the same session, if known */

	/* What came of it. */
	struct net_peer peer; /* address "" where there was no connection */
	char tls[32];	      /* "TLS1.3"; "" in plain text */
	int64_t duration;     /* milliseconds */
	struct err unkept;    /* of the login's token (submit/login); told once a session */
	bool reports;	      /* the server takes DSN's parameters, and will report itself */
	bool reached;	      /* the session was open: connected, greeted, secured */
	struct smtp_transaction transaction; /* its envelope is the one above, or the next */
	struct mail_envelope own; /* with the account's address for a refused null sender */
};

/*
 * Sends the message over SESSION, which is of the same account; nothing follows it if LAST. 0 and
 * -1 as smtp_transaction_run.
 */
int submit_send_over(
    struct submit_send *s, struct submit_session *session, bool last, struct err *e);

/* Sends the message over a session of its own. 0 and -1 as smtp_transaction_run. */
int submit_send_run(struct submit_send *s, struct err *e);

void submit_send_free(struct submit_send *s);

#endif
