/*
 * standing: what the queue knows of an account's server: for how long it has failed, and when it is
 * tried again, or may be. A journal (queue/journal) in the spool's folder `accounts`; empty where
 * all is well. Its lock says which runner serves the account.
 */
#ifndef QUEUE_STANDING_H
#define QUEUE_STANDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "queue/journal.h"
#include "queue/spool.h"

struct queue_standing {
	int fd;
	unsigned attempts;	/* that failed in a row; 0: all is well */
	int64_t since;		/* the first of them */
	struct queue_event end; /* the last of them; its moment: when the next is due */
	bool told;		/* on_failure has run for it */
	int64_t paced;		/* where it has a rate: when the next message may go; 0: at once */
	struct buf journal;
};

/*
 * Opens the standing of ACCOUNT, of the file ACCOUNTS (NULL: the usual one). With LOCK it is this
 * process's, and that of those it forks; returns 0 then where another has it, else 1. -1 with
 * EX_IOERR, EX_CANTCREAT, EX_TEMPFAIL. The caller closes it after 1.
 */
int queue_standing_open(struct queue_standing *standing, const struct queue_spool *spool,
    const char *account, const char *accounts, bool lock, struct err *e);

/* Adds EVENT: QUEUE_EVENT_NEXT, a failure; QUEUE_EVENT_TOLD, on_failure has run. */
int queue_standing_add(
    struct queue_standing *standing, const struct queue_event *event, struct err *e);

/* Notes that the account's rate lets no message go before MOMENT, in seconds since the epoch. */
int queue_standing_pace(struct queue_standing *standing, int64_t moment, struct err *e);

/* Reads it once more: another process may have added to it. */
int queue_standing_reload(struct queue_standing *standing, struct err *e);

/* All is well again. */
int queue_standing_clear(struct queue_standing *standing, struct err *e);

void queue_standing_close(struct queue_standing *standing);

#endif
