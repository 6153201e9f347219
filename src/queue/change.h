/*
 * change: what a person may have done to a queued message, whoever looks after the queue.
 */
#ifndef QUEUE_CHANGE_H
#define QUEUE_CHANGE_H

#include "queue/entry.h"

enum queue_change {
	QUEUE_CHANGE_HOLD,    /* it waits for a person */
	QUEUE_CHANGE_RELEASE, /* and no longer */
	QUEUE_CHANGE_REMOVE,
	QUEUE_CHANGE_LEAVE, /* nothing, where any of the others would work */
	QUEUE_CHANGES,
};

/* The folders in which a person finds messages. */
enum { QUEUE_CHANGE_FOLDERS = 3 };
extern const enum queue_spool_folder queue_change_folders[QUEUE_CHANGE_FOLDERS];

/* The word for CHANGE: "hold", "release", "remove", "leave". */
const char *queue_change_word(enum queue_change change);

/*
 * Opens the message ID of SPOOL, in whatever folder it is, which OWNER has queued (NULL: anybody).
 * -1 with EX_NOINPUT where there is none, else as queue_entry_open; 0 and the caller closes it.
 */
int queue_change_find(const struct queue_spool *spool, const char *id, const uint64_t *owner,
    struct queue_entry *entry, struct err *e);

/* Is ENTRY one that a run sends? -1 with EX_DATAERR where it is held or has failed. */
int queue_change_check(const struct queue_entry *entry, struct err *e);

/*
 * Locks ENTRY and does CHANGE to it, and returns 0 when that is on the disk. EX_TEMPFAIL where it
 * is being sent just now, EX_NOINPUT where it has gone.
 */
int queue_change(struct queue_entry *entry, enum queue_change change, struct err *e);

#endif
