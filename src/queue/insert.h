/*
 * insert: a message into the spool, so that it survives a crash and a loss of power from the moment
 * that queue_insert_commit has returned 0, and is not there at all where anything failed.
 */
#ifndef QUEUE_INSERT_H
#define QUEUE_INSERT_H

#include "queue/envelope.h"
#include "queue/id.h"
#include "queue/journal.h"
#include "queue/spool.h"

/* A message on its way in. Zeros; then queue_insert_open, and queue_insert_close in any case. */
struct queue_insert {
	const struct queue_spool *spool; /* the caller's; open as long as this is */
	char id[QUEUE_ID_SIZE];
	int fd; /* the content is written here, from its present offset on, by whoever has it */
	struct buf history;	 /* lines of the journal that the message comes with */
	char tmp[QUEUE_ID_SIZE]; /* its name in tmp, "" where it has none */
};

/* Begins the message that ENVELOPE says. EX_TEMPFAIL where it may work later (no space), else
 * EX_CANTCREAT. */
int queue_insert_open(struct queue_insert *insert, const struct queue_spool *spool,
    const struct queue_envelope *envelope, struct err *e);

/* Adds CONTENT to what was written, by this function or by others through fd. */
int queue_insert_write(struct queue_insert *insert, struct slice content, struct err *e);

/* Says what has already happened to the message: an attempt to send it at once, say. */
void queue_insert_event(struct queue_insert *insert, const struct queue_event *event);

/* Puts the message into ready, and returns 0 when it and its name are on the disk. */
int queue_insert_commit(struct queue_insert *insert, struct err *e);

/* Frees what it holds; what was not committed is gone. */
void queue_insert_close(struct queue_insert *insert);

#endif
