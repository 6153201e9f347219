/*
 * listing: the names of the messages in a folder of the spool, by age.
 */
#ifndef QUEUE_LISTING_H
#define QUEUE_LISTING_H

#include <stddef.h>

#include "base/err.h"
#include "queue/id.h"
#include "queue/spool.h"

struct queue_listing {
	char (*ids)[QUEUE_ID_SIZE]; /* COUNT of them, the oldest first: 15 bytes a message */
	size_t count;
	size_t strange; /* names that are neither a message's nor a journal's */
};

/* Reads FOLDER. EX_IOERR, EX_TEMPFAIL. The caller frees OUT, on errors too. */
int queue_listing_read(struct queue_listing *out, const struct queue_spool *spool,
    enum queue_spool_folder folder, struct err *e);

/*
 * Removes what crashes have left behind, where it is older than a day: files in tmp, and journals
 * in FOLDER whose message is gone. What cannot be removed stays.
 */
void queue_listing_sweep(const struct queue_spool *spool, enum queue_spool_folder folder);

/* Removes the messages of FOLDER that were moved there SECONDS ago or earlier, and their journals.
 */
void queue_listing_expire(
    const struct queue_spool *spool, enum queue_spool_folder folder, int64_t seconds);

void queue_listing_free(struct queue_listing *listing);

#endif
