/*
 * queue_change: see queue_commands.h: messages are held, released and removed.
 */
#include <config.h>

#include <ctype.h>
#include <stdio.h>
#include <unistd.h>

#include "app/queue.h"
#include "app/queue_commands.h"
#include "app/queue_system.h"
#include "base/i18n.h"
#include "queue/change.h"

#include "base/banned.h"

/* Does CHANGE to the message ID of SPOOL (NULL: the caller has none). 0 where it is not there. */
static int
change_own(const struct queue_spool *spool, const char *id, enum queue_change change, struct err *e)
{
	struct queue_entry entry;
	int rc;

	if (spool == NULL)
		return 0;
	if (queue_change_find(spool, id, NULL, &entry, e) != 0)
		return e->ex == EX_NOINPUT ? 0 : -1;
	rc = queue_change(&entry, change, e);
	queue_entry_close(&entry);
	return rc == 0 ? 1 : -1;
}

/* In the caller's queue, or else in the machine's. */
static int
change_one(const struct queue_spool *spool, const char *id, enum queue_change change, struct err *e)
{
	int rc = change_own(spool, id, change, e);

	if (rc == 0)
		return app_queue_system_order(queue_change_word(change), id, e);
	return rc == 1 ? 0 : -1;
}

static int
change_all(const struct app_options *options, enum queue_change change, struct err *e)
{
	struct queue_spool spool;
	int opened, rc = 0;

	if (options->operand_count == 0)
		return err_set(e, EX_USAGE, "name the queued messages that it is about");
	if (app_queue_check_ids(options, e) != 0)
		return -1;
	opened = app_queue_open(&spool, e);
	if (opened < 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < options->operand_count; i++)
		rc = change_one(opened == 1 ? &spool : NULL, options->operands[i], change, e);
	if (opened == 1)
		queue_spool_close(&spool);
	return rc;
}

int
app_queue_change_hold(const struct app_options *options, struct err *e)
{
	return change_all(options, QUEUE_CHANGE_HOLD, e);
}

int
app_queue_change_release(const struct app_options *options, struct err *e)
{
	return change_all(options, QUEUE_CHANGE_RELEASE, e);
}

/* Asks the person whether to go on. */
static bool
is_sure(size_t count)
{
	char answer[16] = "";

	(void)fprintf(stderr,
	    _("Messages that are to be removed from the queue for good: %zu. Go on? [y/N] "),
	    count);
	return fgets(answer, sizeof answer, stdin) != NULL &&
	       (tolower((unsigned char)answer[0]) == 'y' ||
		   tolower((unsigned char)answer[0]) == _("yes")[0]);
}

int
app_queue_change_remove(const struct app_options *options, struct err *e)
{
	if (!options->yes && change_all(options, QUEUE_CHANGE_LEAVE, e) != 0)
		return -1;
	if (!options->yes && !is_sure(options->operand_count)) {
		(void)err_set(e, EX_USAGE, "nothing was removed");
		return err_hint(e, "say --yes to remove without a question");
	}
	return change_all(options, QUEUE_CHANGE_REMOVE, e);
}
