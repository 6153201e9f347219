/*
 * queue_status: see queue_commands.h: one line and an exit code, as Nagios and its like read them
 * (Monitoring Plugins Development Guidelines, 2.1 and 2.2): 0 ok, 1 warning, 2 critical, 3 unknown.
 */
#include <config.h>

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "app/queue.h"
#include "app/queue_commands.h"
#include "base/file.h"
#include "conf/pace.h"
#include "queue/change.h"
#include "queue/listing.h"

#include "base/banned.h"

enum { OK, WARNING, CRITICAL, UNKNOWN };

/* Bytes of content that are compared with their checksums: what can never go is soon among the
 * oldest, and a monitoring system waits. */
enum { READ_MAXIMUM = 64 << 20 };

struct figures {
	size_t counts[QUEUE_CHANGE_FOLDERS]; /* messages in each folder */
	int64_t oldest;			     /* seconds: the age of the oldest that waits */
	size_t unusable;		     /* files that are no whole messages of this queue */
	uint64_t read;			     /* bytes that were compared */
};

/* Counts the message ID of the folder with this INDEX, or the file that bears such a name. */
static int
count_one(const struct queue_spool *spool, size_t index, const char *id, struct figures *figures,
    struct err *e)
{
	struct queue_entry entry;
	int rc = queue_entry_open(&entry, spool, queue_change_folders[index], id, e);
	bool whole = rc == QUEUE_ENTRY_OPEN;

	if (rc == QUEUE_ENTRY_GONE)
		return 0;
	if (whole) {
		int64_t age = time(NULL) - entry.envelope.time;

		if (figures->read < READ_MAXIMUM)
			whole = queue_entry_check(&entry, e) == 0;
		figures->read += entry.size;
		if (whole && index == 0 && age > figures->oldest)
			figures->oldest = age;
		queue_entry_close(&entry);
	}
	if (!whole && e->ex == EX_TEMPFAIL)
		return -1;
	figures->counts[index] += whole;
	figures->unusable += !whole;
	return 0;
}

static int
count(const struct queue_spool *spool, struct figures *figures, struct err *e)
{
	int rc = 0;

	for (size_t f = 0; rc == 0 && f < QUEUE_CHANGE_FOLDERS; f++) {
		struct queue_listing listing;

		rc = queue_listing_read(&listing, spool, queue_change_folders[f], e);
		figures->unusable += listing.strange;
		for (size_t i = 0; rc == 0 && i < listing.count; i++)
			rc = count_one(spool, f, listing.ids[i], figures, e);
		queue_listing_free(&listing);
	}
	return rc;
}

/* Fills in the figures of the caller's queue, all 0 where there is none, and what OPTIONS say of
 * the age of a message. */
static int
look(const struct app_options *options, struct figures *figures, unsigned *max_age, struct err *e)
{
	struct queue_spool spool;
	int rc;

	if (options->operand_count > 0)
		return err_set(e, EX_USAGE, "status takes no operand");
	if (options->max_age != NULL && !conf_pace_read(str_slice(options->max_age), max_age))
		return err_set(e, EX_USAGE, "'%s' is no time such as 2h or 30m", options->max_age);
	rc = app_queue_open(&spool, e);
	if (rc == 1) {
		rc = count(&spool, figures, e);
		queue_spool_close(&spool);
	}
	return rc;
}

static int
judge(const struct figures *figures, unsigned max_age)
{
	if (max_age > 0 && figures->oldest > (int64_t)max_age)
		return CRITICAL;
	return figures->counts[2] > 0 || figures->unusable > 0 ? WARNING : OK;
}

static void
add_figures(struct buf *out, int status, const struct figures *f, unsigned max_age)
{
	static const char *const words[] = {"OK", "WARNING", "CRITICAL"};

	buf_addf(out,
	    "QUEUE %s - %zu waiting, %zu held, %zu failed, %zu unusable, the oldest for %" PRId64
	    "s | waiting=%zu held=%zu failed=%zu unusable=%zu age=%" PRId64 "s",
	    words[status], f->counts[0], f->counts[1], f->counts[2], f->unusable, f->oldest,
	    f->counts[0], f->counts[1], f->counts[2], f->unusable, f->oldest);
	if (max_age > 0)
		buf_addf(out, ";;%u", max_age);
	buf_adds(out, "\n");
}

int
app_queue_status_run(const struct app_options *options, struct err *e)
{
	struct figures f = {.oldest = 0};
	unsigned max_age = 0;
	struct buf line = BUF_INIT(1024);
	int status = UNKNOWN, rc = look(options, &f, &max_age, e);

	if (rc < 0)
		buf_addf(&line, "QUEUE UNKNOWN - %s\n", e->msg);
	else {
		status = judge(&f, max_age);
		add_figures(&line, status, &f, max_age);
	}
	rc = file_write(STDOUT_FILENO, "standard output", line.data, line.len, e);
	buf_free(&line);
	if (rc == 0)
		exit(status);
	return -1;
}
