/*
 * flush: the queue's runner: sends what is due.
 *
 * Each account's server is served by processes of its own, as many as the account's `connections`,
 * so that one that hangs holds up no other; a second runner leaves an account alone that one serves
 * already. Over a connection goes one message after the other. What goes wrong with a message is
 * that message's; what goes wrong with the session delays the account, and returns no message.
 */
#ifndef SUBMIT_FLUSH_H
#define SUBMIT_FLUSH_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/account.h"
#include "mail/message.h"
#include "net/transcript.h"
#include "queue/entry.h"

/* What became of messages. */
enum submit_flush_fate {
	SUBMIT_FLUSH_SENT,     /* to all that waited for it */
	SUBMIT_FLUSH_DEFERRED, /* tried, and some wait on */
	SUBMIT_FLUSH_RETURNED, /* to its sender, as nobody else will get it */
	SUBMIT_FLUSH_TOLD,     /* waits on, and its sender was told */
	SUBMIT_FLUSH_FATES,
};

struct submit_flush {
	const struct queue_spool *spool;
	const struct net_transcript *transcript;

	/* Which messages; NULL: any. Texts that ID is, or that an address contains. */
	const char *id, *recipient, *sender;
	bool now; /* also those that are not due, and whose account waits */

	const char *program; /* as what the syslog has it; NULL: imbuca */

	/* Finds the settled account NAME of the file ACCOUNTS (NULL: the usual one); it must live
	   as long as the run. */
	int (*find)(void *context, const char *name, const char *accounts,
	    const struct conf_account **out, struct err *e);
	/* Makes of MESSAGE and ENVELOPE, as they were queued, what ACCOUNT's server takes. NULL:
	   they are that already. */
	int (*adapt)(void *context, const struct conf_account *account,
	    struct mail_message *message, struct mail_envelope *envelope, struct err *e);
	/* The account that brings a report to SENDER. NULL: as submit_tell decides. */
	const struct conf_account *(*reporter)(void *context, const struct mail_address *sender);
	/* Is told what went wrong: of a message or account, named in E. */
	void (*report)(void *context, const struct err *e);
	/* Is told when something has become of a message. */
	void (*progress)(void *context, const struct submit_flush *flush);
	void *context;

	int64_t began; /* by submit_flush_run: when, in seconds since the epoch */

	/* What came of it. */
	size_t total; /* messages that there are */
	size_t counts[SUBMIT_FLUSH_FATES];
	size_t busy; /* accounts that another runner serves */
};

/* Runs until nothing is due any more. -1 where the queue could not be read, or no process made. */
int submit_flush_run(struct submit_flush *flush, struct err *e);

/* Is ENTRY one of those that FLUSH is about? */
bool submit_flush_wants(const struct submit_flush *flush, const struct queue_entry *entry);

#endif
