/*
 * transaction: one message to its recipients (RFC 5321 3.3): MAIL, RCPT, DATA, the content.
 *
 * Where the server pipelines (RFC 2920), MAIL, the RCPTs and DATA go out in one write. Each
 * recipient has a reply of its own; the message goes to those that were accepted. Content is sent
 * only after a 354, and its final dot only when all of it was read and sent.
 */
#ifndef SMTP_TRANSACTION_H
#define SMTP_TRANSACTION_H

#include "mail/envelope.h"
#include "mail/message.h"
#include "smtp/client.h"

struct smtp_transaction {
	const struct mail_envelope *envelope; /* with a sender and at least one recipient */
	const struct mail_message *message;
	bool last; /* nothing follows: QUIT may go out with the end of the content */

	/* What came of it. The caller zeroes it and calls smtp_transaction_free. */
	struct smtp_reply
	    *recipients;       /* a reply each, in the envelope's order; code 0: none came */
	struct smtp_reply end; /* the reply to the content */
	size_t accepted;       /* recipients that were accepted at RCPT */
	bool uncertain;	       /* lost after the final dot: the message may have been delivered */
};

/*
 * Sends the message. 0 where the server took it for the accepted recipients; the others' replies
 * say why not. -1 where nobody gets it: E says what went wrong with the message as a whole, or,
 * where each recipient was refused, with the first of them.
 */
int smtp_transaction_run(struct smtp_client *c, struct smtp_transaction *t, struct err *e);

/* Frees the replies. */
void smtp_transaction_free(struct smtp_transaction *t);

#endif
