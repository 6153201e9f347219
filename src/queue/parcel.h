/*
 * parcel: queued messages as one process hands them to another that may not open the queue: each a
 * line
 *
 *	ID FOLDER BYTES OF-JOURNAL
 *
 * and so many bytes of the file ID (its head, or all of it) and of its journal.
 */
#ifndef QUEUE_PARCEL_H
#define QUEUE_PARCEL_H

#include "queue/entry.h"

/* Appends ENTRY, open, to the file FD; with its content where WHOLE. -1 with EX_IOERR. */
int queue_parcel_put(const struct queue_entry *entry, bool whole, int fd, struct err *e);

/*
 * Takes the message at *OFFSET of the file FD, and moves *OFFSET behind it. 1 with OUT, whose fd is
 * an unnamed file with what came of the message's file; the caller closes it. 0 at the end; -1 with
 * EX_DATAERR for what is no parcel.
 */
int queue_parcel_take(int fd, off_t *offset, struct queue_entry *out, struct err *e);

#endif
