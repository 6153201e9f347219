/*
 * keep: a message goes into the queue: all of it, or what an attempt to send it has left over.
 */
#ifndef SUBMIT_KEEP_H
#define SUBMIT_KEEP_H

#include "conf/account.h"
#include "mail/envelope.h"
#include "mail/message.h"
#include "queue/id.h"
#include "queue/spool.h"
#include "submit/attempt.h"

struct submit_keep {
	const struct queue_spool *spool;
	const struct conf_account *account; /* its name is what counts */
	const char *accounts;		    /* the file that has it; NULL: the usual one */
	const struct mail_envelope *envelope;
	const struct mail_message *message;   /* complete */
	const struct submit_attempt *attempt; /* NULL: all recipients wait; else those it says */
	bool refused; /* those too that were refused for good: their sender is told by the runner */
	char id[QUEUE_ID_SIZE]; /* comes out: the message's name in the queue */
};

/* Returns 0 when the message is safe on the disk; else -1, and nothing of it is in the queue. */
int submit_keep(struct submit_keep *keep, struct err *e);

/*
 * Is what ATTEMPT and E say of a first attempt worth keeping? Not what the accounts file, the
 * message or this machine is to blame for: then whoever sends it should know.
 */
bool submit_keep_helps(const struct submit_attempt *attempt, const struct err *e);

#endif
