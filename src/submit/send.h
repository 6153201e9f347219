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

/* The caller sets the first four, zeroes the rest, and calls submit_send_free in the end. */
struct submit_send {
	const struct conf_account *account; /* settled */
	const struct mail_envelope *envelope;
	struct mail_message *message; /* complete; changed where the server needs it so */
	const struct net_transcript *transcript;

	/* What came of it. */
	struct net_peer peer; /* address "" where there was no connection */
	char tls[32];	      /* "TLS1.3"; "" in plain text */
	int64_t duration;     /* milliseconds */
	struct smtp_transaction transaction;
};

/* Sends the message. 0 and -1 as smtp_transaction_run. */
int submit_send_run(struct submit_send *s, struct err *e);

void submit_send_free(struct submit_send *s);

#endif
