/*
 * spool: the folders of one queue.
 *
 *   tmp/      files that are being written; they have no names where the file system allows that
 *   ready/    messages that wait to be sent
 *   held/     messages that wait for a person
 *   failed/   messages that could neither be sent nor returned
 *   accounts/ what is known of each account's server: queue/standing.h
 *
 * A message is two files in one of ready, held and failed: ID (queue/envelope.h), never changed
 * once it has its name, and ID.log (queue/journal.h), which grows and may be missing.
 * The queue is its user's alone: every folder is the caller's with mode 0700, or is not used.
 *
 * This layer knows no network. HACKING lists every state that the files can be in.
 */
#ifndef QUEUE_SPOOL_H
#define QUEUE_SPOOL_H

#include "base/buf.h"
#include "base/err.h"

enum queue_spool_folder {
	QUEUE_SPOOL_TMP,
	QUEUE_SPOOL_READY,
	QUEUE_SPOOL_HELD,
	QUEUE_SPOOL_FAILED,
	QUEUE_SPOOL_ACCOUNTS,
	QUEUE_SPOOL_FOLDERS,
};

/* An open spool; the descriptors are of its folders. */
struct queue_spool {
	struct buf path;
	int folders[QUEUE_SPOOL_FOLDERS];
};

/* Appends where the caller's queue is: $IMBUCA_QUEUE, an absolute name, else imbuca/queue below
 * $XDG_STATE_HOME. EX_CONFIG without a home. */
int queue_spool_locate(struct buf *out, struct err *e);

/* Is there a spool at PATH? 1, 0; -1 with EX_NOPERM where that cannot be known. */
int queue_spool_exists(const char *path, struct err *e);

/* Makes the folders of the spool PATH, and those above it, as far as they are missing. */
int queue_spool_make(const char *path, struct err *e);

/*
 * Opens the spool PATH. EX_CANTCREAT where there is none; EX_NOPERM where it is not the caller's,
 * or others have access. An error leaves nothing to close.
 */
int queue_spool_open(struct queue_spool *spool, const char *path, struct err *e);

/* The same, of a spool that is made where there is none. */
int queue_spool_open_made(struct queue_spool *spool, const char *path, struct err *e);

/* The name of FOLDER, as above. */
const char *queue_spool_name(enum queue_spool_folder folder);

/* Returns 0 when what was put into FOLDER and taken out of it is so on the disk. */
int queue_spool_sync(
    const struct queue_spool *spool, enum queue_spool_folder folder, struct err *e);

/* Can files be removed from it? -1 with EX_TEMPFAIL where the file system is read-only. */
int queue_spool_check(const struct queue_spool *spool, struct err *e);

void queue_spool_close(struct queue_spool *spool);

#endif
