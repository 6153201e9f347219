/*
 * entry: one message of the spool, opened: to be looked at, or, locked, to be worked on.
 *
 * The lock is the kernel's, on the file ID: whoever has it may send the message, append to its
 * journal, move it and remove it; it ends with the process that has it. Names in the spool are not
 * trusted: what is no regular file of the caller's own, or is no whole message, is an error and is
 * left alone.
 */
#ifndef QUEUE_ENTRY_H
#define QUEUE_ENTRY_H

#include <sys/types.h>

#include "queue/envelope.h"
#include "queue/history.h"
#include "queue/id.h"
#include "queue/spool.h"

struct queue_entry {
	const struct queue_spool *spool; /* the caller's; open as long as this is */
	enum queue_spool_folder folder;
	char id[QUEUE_ID_SIZE];
	int fd;	       /* of ID, its offset at the content */
	uint64_t size; /* bytes of the content */
	uint32_t checksum;
	struct queue_envelope envelope;
	struct queue_history history;
};

/* What opening and locking come to besides an error. */
enum {
	QUEUE_ENTRY_GONE = 0,
	QUEUE_ENTRY_OPEN = 1,
	QUEUE_ENTRY_BUSY = 2, /* another has the lock */
};

/*
 * Opens the message ID of FOLDER to be looked at. Returns QUEUE_ENTRY_GONE, or QUEUE_ENTRY_OPEN,
 * and only then is there something to close; -1 with EX_DATAERR for what is no message, EX_IOERR,
 * EX_TEMPFAIL.
 */
int queue_entry_open(struct queue_entry *entry, const struct queue_spool *spool,
    enum queue_spool_folder folder, const char *id, struct err *e);

/*
 * Makes OUT of what another process has read (queue/parcel.h): FD, the file of the message ID of
 * FOLDER up to its content at least, and the bytes of its JOURNAL; both are OUT's then, or gone. It
 * can be looked at, and has no spool. -1 with EX_DATAERR, EX_TEMPFAIL.
 */
int queue_entry_adopt(struct queue_entry *out, enum queue_spool_folder folder, const char *id,
    int fd, struct buf *journal, struct err *e);

/* Locks an open message and reads its journal again. Returns one of the above, or -1 likewise. */
int queue_entry_lock(struct queue_entry *entry, struct err *e);

/* Is the file whole? Reads all of it. EX_DATAERR where its checksum says no. */
int queue_entry_check(const struct queue_entry *entry, struct err *e);

/* Appends COUNT events to the journal of a locked message, and returns 0 when they are on the disk.
 */
int queue_entry_append(
    struct queue_entry *entry, const struct queue_event *events, size_t count, struct err *e);

/*
 * Sees that ROOM bytes more can be appended to the journal of a locked message, whatever else the
 * disk, a quota or a limit have to take. EX_TEMPFAIL, EX_IOERR where they cannot.
 */
int queue_entry_reserve(struct queue_entry *entry, size_t room, struct err *e);

/* Reads the journal once more. */
int queue_entry_reload(struct queue_entry *entry, struct err *e);

/* Moves a locked message to FOLDER, its journal with it, and returns 0 when that is on the disk. */
int queue_entry_move(struct queue_entry *entry, enum queue_spool_folder folder, struct err *e);

/* Removes a locked message. It is gone from the disk after queue_spool_sync. */
int queue_entry_remove(struct queue_entry *entry, struct err *e);

/* Closes it, and so ends the lock. */
void queue_entry_close(struct queue_entry *entry);

#endif
