/*
 * change: see change.h.
 */
#include <config.h>

#include "queue/change.h"

#include "base/banned.h"

const enum queue_spool_folder queue_change_folders[QUEUE_CHANGE_FOLDERS] = {
    QUEUE_SPOOL_READY, QUEUE_SPOOL_HELD, QUEUE_SPOOL_FAILED};

static int
hold(struct queue_entry *entry, struct err *e)
{
	return entry->folder == QUEUE_SPOOL_HELD ? 0 : queue_entry_move(entry, QUEUE_SPOOL_HELD, e);
}

static int
release(struct queue_entry *entry, struct err *e)
{
	return entry->folder == QUEUE_SPOOL_READY ? 0
						  : queue_entry_move(entry, QUEUE_SPOOL_READY, e);
}

static int
delete_entry(struct queue_entry *entry, struct err *e)
{
	if (queue_entry_remove(entry, e) != 0)
		return -1;
	return queue_spool_sync(entry->spool, entry->folder, e);
}

static int
leave(struct queue_entry *entry, struct err *e)
{
	(void)entry;
	(void)e;
	return 0;
}

static const struct {
	const char *word;
	int (*change)(struct queue_entry *entry, struct err *e);
} rows[QUEUE_CHANGES] = {
    [QUEUE_CHANGE_HOLD] = {"hold", hold},
    [QUEUE_CHANGE_RELEASE] = {"release", release},
    [QUEUE_CHANGE_REMOVE] = {"remove", delete_entry},
    [QUEUE_CHANGE_LEAVE] = {"leave", leave},
};

const char *
queue_change_word(enum queue_change change)
{
	return rows[change].word;
}

int
queue_change_find(const struct queue_spool *spool, const char *id, const uint64_t *owner,
    struct queue_entry *entry, struct err *e)
{
	for (size_t f = 0; f < QUEUE_CHANGE_FOLDERS; f++) {
		int rc = queue_entry_open(entry, spool, queue_change_folders[f], id, e);

		if (rc < 0)
			return -1;
		if (rc != QUEUE_ENTRY_OPEN)
			continue;
		if (owner == NULL || *owner == entry->envelope.uid)
			return 0;
		queue_entry_close(entry);
	}
	return err_set(e, EX_NOINPUT, "there is no message '%s' in the queue", id);
}

int
queue_change_check(const struct queue_entry *entry, struct err *e)
{
	if (entry->folder == QUEUE_SPOOL_READY)
		return 0;
	return err_set(e, EX_DATAERR, "the message '%s' is in '%s' of the queue, and is not sent",
	    entry->id, queue_spool_name(entry->folder));
}

int
queue_change(struct queue_entry *entry, enum queue_change change, struct err *e)
{
	int rc = queue_entry_lock(entry, e);

	if (rc == QUEUE_ENTRY_BUSY)
		return err_set(e, EX_TEMPFAIL, "the message %s is being sent just now", entry->id);
	if (rc == QUEUE_ENTRY_GONE)
		return err_set(e, EX_NOINPUT, "the message %s has just gone", entry->id);
	return rc < 0 ? -1 : rows[change].change(entry, e);
}
