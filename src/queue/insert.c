/*
 * insert: see insert.h.
 *
 * The message is written without a name (or, where the file system knows no O_TMPFILE, with one in
 * tmp), locked, and linked into ready before it is synced: one commit of the file system's journal
 * then covers content and name, where two syncs in a row would wait for two. The lock keeps a
 * runner away meanwhile, and what a loss of power leaves of it the checksum tells from a message.
 */
#include <config.h>

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/file.h"
#include "base/i18n.h"
#include "queue/insert.h"

#include "base/banned.h"

#define DESCRIPTORS "/proc/self/fd"

static int
fail(struct err *e, const struct queue_insert *insert, const char *sentence)
{
	int saved = errno;

	(void)err_set_errno(
	    e, err_exit_of_errno(saved, EX_CANTCREAT), saved, "%s", i18n_text(sentence));
	return err_prefix(e, "the queue '%s'", buf_text(&insert->spool->path));
}

/* A new file in tmp, without a name where that can be; otherwise NAME is its name there. */
static int
open_new(const struct queue_spool *spool, const char *id, char name[QUEUE_ID_SIZE])
{
	int tmp = spool->folders[QUEUE_SPOOL_TMP], fd = -1;

	name[0] = '\0';
#ifdef O_TMPFILE
	/* Without /proc it could not be given a name. */
	if (access(DESCRIPTORS, X_OK) == 0)
		fd = openat(tmp, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	else
		errno = EOPNOTSUPP;
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
		return fd;
#endif
	fd = openat(tmp, id, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0)
		(void)str_copy(name, QUEUE_ID_SIZE, str_slice(id));
	return fd;
}

int
queue_insert_open(struct queue_insert *insert, const struct queue_spool *spool,
    const struct queue_envelope *envelope, struct err *e)
{
	struct buf head = BUF_INIT(QUEUE_ENVELOPE_HEAD_MAX);
	int rc = 0;

	*insert = (struct queue_insert){
	    .spool = spool, .fd = -1, .history = BUF_INIT(QUEUE_JOURNAL_MAXIMUM)};
	if (queue_id_make(insert->id, e) != 0)
		return -1;
	insert->fd = open_new(spool, insert->id, insert->tmp);
	if (insert->fd < 0)
		return fail(e, insert, N_("cannot make a file"));
	queue_envelope_write_first(&head, 0, 0);
	queue_envelope_write(&head, envelope);
	rc = head.full ? err_set(e, EX_TEMPFAIL, "no memory for an envelope")
		       : queue_insert_write(insert, buf_slice(&head), e);
	buf_free(&head);
	return rc;
}

int
queue_insert_write(struct queue_insert *insert, struct slice content, struct err *e)
{
	return file_write(insert->fd, buf_text(&insert->spool->path), content.ptr, content.len, e);
}

void
queue_insert_event(struct queue_insert *insert, const struct queue_event *event)
{
	queue_journal_write(&insert->history, event);
}

/* Writes the first line, now that all that it is about is there. */
static int
seal(struct queue_insert *insert, struct err *e)
{
	struct buf first = BUF_INIT(QUEUE_ENVELOPE_FIRST);
	uint32_t checksum;
	uint64_t size;
	ssize_t n;

	if (checksum_file(insert->fd, QUEUE_ENVELOPE_FIRST, &checksum, &size) != 0)
		return fail(e, insert, N_("cannot read a message"));
	queue_envelope_write_first(&first, checksum, size);
	n = pwrite(insert->fd, first.data, first.len, 0);
	buf_free(&first);
	return n == QUEUE_ENVELOPE_FIRST ? 0 : fail(e, insert, N_("cannot write a message"));
}

/* Gives the file FD, which is TMP in tmp unless that is "", the name NAME in ready. */
static int
link_in(const struct queue_spool *spool, int fd, const char *tmp, const char *name)
{
	char self[64];

	if (tmp[0] != '\0')
		return linkat(spool->folders[QUEUE_SPOOL_TMP], tmp,
		    spool->folders[QUEUE_SPOOL_READY], name, 0);
	(void)snprintf(self, sizeof self, DESCRIPTORS "/%d", fd);
	return linkat(AT_FDCWD, self, spool->folders[QUEUE_SPOOL_READY], name, AT_SYMLINK_FOLLOW);
}

/* Puts the journal in first: a message never stands without what is known of it. */
static int
put_journal(struct queue_insert *insert, struct err *e)
{
	char name[QUEUE_JOURNAL_NAME_SIZE];
	int fd, rc;

	queue_journal_name(name, insert->id);
	if (insert->history.full)
		return err_set(e, EX_TEMPFAIL, "no memory for a message's history");
	fd = openat(insert->spool->folders[QUEUE_SPOOL_READY], name,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail(e, insert, N_("cannot make a file"));
	rc = file_write(fd, name, insert->history.data, insert->history.len, e);
	if (rc == 0 && fsync(fd) != 0)
		rc = fail(e, insert, N_("cannot sync a file"));
	(void)close(fd);
	return rc;
}

/* The names are there: sees to it that they and what they name are on the disk. */
static int
sync_all(struct queue_insert *insert, struct err *e)
{
	if (fsync(insert->fd) != 0 || fsync(insert->spool->folders[QUEUE_SPOOL_READY]) != 0)
		return fail(e, insert, N_("cannot sync a message"));
	return 0;
}

/* Takes back what stands in ready of a message that failed. */
static void
take_back(const struct queue_insert *insert, const char *id, bool journal)
{
	int ready = insert->spool->folders[QUEUE_SPOOL_READY];
	char name[QUEUE_JOURNAL_NAME_SIZE];

	if (id != NULL)
		(void)unlinkat(ready, id, 0);
	queue_journal_name(name, insert->id);
	if (journal)
		(void)unlinkat(ready, name, 0);
}

int
queue_insert_commit(struct queue_insert *insert, struct err *e)
{
	bool journal = insert->history.len > 0;
	bool linked;

	if (seal(insert, e) != 0)
		return -1;
	if (flock(insert->fd, LOCK_EX | LOCK_NB) != 0)
		return fail(e, insert, N_("cannot lock a message"));
	if (journal && put_journal(insert, e) != 0) {
		take_back(insert, NULL, true);
		return -1;
	}
	linked = link_in(insert->spool, insert->fd, insert->tmp, insert->id) == 0;
	if (!linked)
		(void)fail(e, insert, N_("cannot name a message"));
	if (linked && sync_all(insert, e) == 0)
		return 0;
	take_back(insert, linked ? insert->id : NULL, journal);
	return -1;
}

void
queue_insert_close(struct queue_insert *insert)
{
	if (insert->tmp[0] != '\0')
		(void)unlinkat(insert->spool->folders[QUEUE_SPOOL_TMP], insert->tmp, 0);
	if (insert->fd >= 0)
		(void)close(insert->fd);
	insert->fd = -1;
	buf_free(&insert->history);
}
