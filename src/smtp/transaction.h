/*
 * transaction: one message to its recipients (RFC 5321 3.3): MAIL, RCPT, DATA, the content; or by
 * LMTP (RFC 2033), where each recipient has a reply to the content of his own.
 *
 * Where the server pipelines (RFC 2920), MAIL, the RCPTs and DATA go out in one write, and with
 * them a login that waits (smtp/client), or with the end of the message before. Each recipient has
 * a fate of its own; the message goes to those that were accepted. Content is sent only after a
 * 354, and its final dot only when all of it was read and sent.
 *
 * Recipients that are too many for one MAIL, as the server says before (LIMITS, RFC 9422) or when
 * they come (452, RFC 5321 4.5.3.1.10), get the message by further ones.
 */
#ifndef SMTP_TRANSACTION_H
#define SMTP_TRANSACTION_H

#include "mail/envelope.h"
#include "mail/message.h"
#include "smtp/client.h"

/* What became of one recipient: the reply that decided it, and to what that was the reply. */
struct smtp_transaction_fate {
	struct smtp_reply reply; /* code 0: none came */
	/* EXPLAIN_MAIL, EXPLAIN_DATA: a reply about the message. EXPLAIN_RCPT: one about this
	   recipient, by LMTP also after the content; if it is a yes, none came to that. */
	enum explain_stage stage;
};

struct smtp_transaction {
	const struct mail_envelope *envelope; /* with a sender and at least one recipient */
	const struct mail_message *message;
	bool chunking; /* by BDAT where the server offers it (RFC 3030), else by DATA */
	size_t most;   /* recipients to a MAIL; 0: as many as the server takes */
	bool waits;    /* for what the provider says, where imbucad would queue it (XWAIT) */
	bool last;     /* nothing follows: QUIT may go out with the end of the content */
	/*
	 * What follows, where that is known; else NULL. Its first commands may go out with the end
	 * of the content: then it is run next over this client, or the connection is closed. All
	 * above is set in it.
	 */
	struct smtp_transaction *next;

	/* What came of it. The caller zeroes it and calls smtp_transaction_free. */
	struct smtp_transaction_fate *fates; /* one a recipient, in the envelope's order */
	struct smtp_reply end;		     /* the last reply to the content */
	bool uncertain; /* lost after the final dot: the message may have been delivered */
	struct smtp_transaction_run *ahead; /* inside: what was said of it with the one before */
};

/*
 * Sends the message to those recipients whose fate is open: all of them, at first. 0 where each has
 * one now, and somebody got the message. 1 where it has to be run once more over a new connection:
 * the server stumbled (smtp_client_logged_in), or takes no further MAIL in this session, or waits
 * for the content of another. -1 where
 * nobody got it, or the session failed before all had it: E says what went wrong, with the first
 * recipient where each was refused.
 */
int smtp_transaction_run(struct smtp_client *c, struct smtp_transaction *t, struct err *e);

/* Opens the fates again that a refusal of MAIL sealed, so that another run can say another. */
void smtp_transaction_reopen(struct smtp_transaction *t);

/* Is nothing known of recipient INDEX yet, since its RCPT was not said or not answered? */
bool smtp_transaction_is_open(const struct smtp_transaction *t, size_t index);

/* Did the server take the message for recipient INDEX? */
bool smtp_transaction_delivered(const struct smtp_transaction *t, size_t index);

/* Frees the replies. */
void smtp_transaction_free(struct smtp_transaction *t);

#endif
