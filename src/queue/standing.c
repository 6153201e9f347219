/*
 * standing: see standing.h.
 */
#include <config.h>

#include <sys/file.h>
#include <sys/stat.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/file.h"
#include "base/i18n.h"
#include "queue/standing.h"

#include "base/banned.h"

enum { NAME_MAX_BYTES = 200, JOURNAL_MAX = 1 << 20 };

static int
fail(struct err *e, const char *sentence)
{
	int saved = errno;

	return err_set_errno(
	    e, err_exit_of_errno(saved, EX_IOERR), saved, "%s", i18n_text(sentence));
}

/* The name of the file: the account's, its unusual bytes in hexadecimal; two files' accounts of one
 * name are told apart. */
static void
write_name(struct buf *out, const char *account, const char *accounts)
{
	buf_addc(out, '_');
	for (const char *c = account; *c != '\0' && out->len < NAME_MAX_BYTES; c++) {
		if (isalnum((unsigned char)*c) || *c == '-' || *c == '_')
			buf_addc(out, *c);
		else
			buf_addf(out, "%%%02x", (unsigned)(unsigned char)*c);
	}
	if (accounts != NULL)
		buf_addf(out, "@%08" PRIx32, checksum_add(0, accounts, strlen(accounts)));
}

static void
apply(struct queue_standing *standing, const struct queue_event *event)
{
	if (event->kind == QUEUE_EVENT_TOLD)
		standing->told = true;
	if (event->kind == QUEUE_EVENT_SENT)
		standing->paced = event->moment;
	if (event->kind != QUEUE_EVENT_NEXT)
		return;
	if (standing->attempts++ == 0)
		standing->since = event->time;
	standing->end = *event;
}

int
queue_standing_reload(struct queue_standing *standing, struct err *e)
{
	struct slice rest;

	buf_free(&standing->journal);
	*standing = (struct queue_standing){.fd = standing->fd, .journal = BUF_INIT(JOURNAL_MAX)};
	if (lseek(standing->fd, 0, SEEK_SET) < 0)
		return fail(e, N_("cannot read what the queue knows of an account"));
	if (file_read_fd(standing->fd, "accounts", &standing->journal, e) != 0)
		return -1;
	rest = buf_slice(&standing->journal);
	while (rest.len > 0) {
		struct queue_event event;

		if (queue_journal_read(str_cut(&rest, '\n'), &event))
			apply(standing, &event);
	}
	return 0;
}

int
queue_standing_open(struct queue_standing *standing, const struct queue_spool *spool,
    const char *account, const char *accounts, bool locking, struct err *e)
{
	struct buf name = BUF_INIT(PATH_MAX);
	struct stat st;
	int rc = 1;

	*standing = (struct queue_standing){.fd = -1, .journal = BUF_INIT(JOURNAL_MAX)};
	write_name(&name, account, accounts);
	standing->fd = openat(spool->folders[QUEUE_SPOOL_ACCOUNTS], buf_text(&name),
	    O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	buf_free(&name);
	if (standing->fd < 0)
		return fail(e, N_("cannot open what the queue knows of an account"));
	if (fstat(standing->fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid())
		rc = err_set(
		    e, EX_DATAERR, "what the queue knows of '%s' is no file of its own", account);
	else if (locking && flock(standing->fd, LOCK_EX | LOCK_NB) != 0)
		rc = errno == EWOULDBLOCK
			 ? 0
			 : fail(e, N_("cannot lock what the queue knows of an account"));
	if (rc == 1 && queue_standing_reload(standing, e) != 0)
		rc = -1;
	if (rc != 1)
		queue_standing_close(standing);
	return rc;
}

int
queue_standing_add(struct queue_standing *standing, const struct queue_event *event, struct err *e)
{
	struct buf line = BUF_INIT(QUEUE_JOURNAL_LINE_MAX);
	int rc;

	buf_addc(&line, '\n'); /* ends a line that was torn */
	queue_journal_write(&line, event);
	rc = file_write(standing->fd, "accounts", line.data, line.len, e);
	buf_free(&line);
	return rc == 0 ? queue_standing_reload(standing, e) : -1;
}

int
queue_standing_pace(struct queue_standing *standing, int64_t moment, struct err *e)
{
	const struct queue_event event = {
	    .kind = QUEUE_EVENT_SENT, .time = time(NULL), .first = 1, .moment = moment};

	/* What it said of the rate before counts no more; a failure does. */
	if (standing->attempts == 0 && queue_standing_clear(standing, e) != 0)
		return -1;
	return queue_standing_add(standing, &event, e);
}

int
queue_standing_clear(struct queue_standing *standing, struct err *e)
{
	if (standing->journal.len > 0 && ftruncate(standing->fd, 0) != 0)
		return fail(e, N_("cannot forget what the queue knows of an account"));
	return queue_standing_reload(standing, e);
}

void
queue_standing_close(struct queue_standing *standing)
{
	if (standing->fd >= 0)
		(void)close(standing->fd);
	standing->fd = -1;
	buf_free(&standing->journal);
}
