/*
 * entry: see entry.h.
 *
 * The journal comes before its message and goes after it: a crash between the two steps leaves a
 * journal without a message, which says nothing, and never a message that has forgotten who has it
 * already.
 */
#include <config.h>

#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/file.h"
#include "base/i18n.h"
#include "queue/entry.h"

#include "base/banned.h"

static int
fail(const struct queue_entry *entry, const char *sentence, struct err *e)
{
	int saved = errno;

	(void)err_set_errno(
	    e, err_exit_of_errno(saved, EX_IOERR), saved, "%s", i18n_text(sentence));
	return err_prefix(e, "the queued message %s", entry->id);
}

static int
fail_as_foreign(const struct queue_entry *entry, const char *name, struct err *e)
{
	return err_set(e, EX_DATAERR, "'%s' in '%s' of the queue is no file of its own; left alone",
	    name, queue_spool_name(entry->folder));
}

/* Opens NAME of the entry's folder, which must be a regular file of the caller's own. Returns the
 * descriptor; -1 where there is none (errno ENOENT), -2 with E otherwise. */
static int
open_own(const struct queue_entry *entry, const char *name, int flags, struct err *e)
{
	int fd = openat(entry->spool->folders[entry->folder], name,
	    flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600);
	struct stat st;

	if (fd < 0) {
		if (errno == ENOENT)
			return -1;
		(void)(errno == ELOOP ? fail_as_foreign(entry, name, e)
				      : fail(entry, N_("cannot open its file"), e));
		return -2;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid())
		return fd;
	(void)close(fd);
	(void)fail_as_foreign(entry, name, e);
	return -2;
}

/* Does the name still stand for the file that is open? It may have been moved or removed. */
static bool
is_named(const struct queue_entry *entry)
{
	struct stat here, there;

	return fstat(entry->fd, &here) == 0 &&
	       fstatat(entry->spool->folders[entry->folder], entry->id, &there,
		   AT_SYMLINK_NOFOLLOW) == 0 &&
	       here.st_ino == there.st_ino && here.st_dev == there.st_dev;
}

/* Appends the head, from behind the first line to the empty one, to HEAD; FIRST is that line. */
static int
read_head(const struct queue_entry *entry, char first[QUEUE_ENVELOPE_FIRST], struct buf *head,
    struct err *e)
{
	static const char end[] = "\n\n";
	off_t at = QUEUE_ENVELOPE_FIRST;
	ssize_t n = pread(entry->fd, first, QUEUE_ENVELOPE_FIRST, 0);

	while (n > 0) {
		size_t before = head->len > 0 ? head->len - 1 : 0;
		char *room = buf_room(head, BUFSIZ);
		const char *found;

		n = room != NULL ? pread(entry->fd, room, BUFSIZ, at) : 0;
		if (n <= 0)
			break;
		buf_grew(head, (size_t)n);
		at += n;
		found = memmem(head->data + before, head->len - before, end, sizeof end - 1);
		if (found != NULL) {
			head->len = (size_t)(found - head->data) + sizeof end - 1;
			return 0;
		}
	}
	if (n < 0)
		return fail(entry, N_("cannot read its file"), e);
	if (head->full && head->max - head->len >= BUFSIZ)
		return err_set(e, EX_TEMPFAIL, "no memory for an envelope");
	return err_set(e, EX_DATAERR, "the file has no envelope");
}

/* Makes the envelope of what stands in the file, which must be WHOLE, and finds the content. */
static int
read_envelope(struct queue_entry *entry, bool whole, struct err *e)
{
	char first[QUEUE_ENVELOPE_FIRST] = {0};
	struct buf head = BUF_INIT(QUEUE_ENVELOPE_HEAD_MAX);
	struct slice line = {first, sizeof first - 1};
	struct stat st;
	uint64_t size;
	int rc = read_head(entry, first, &head, e);

	if (rc == 0 && (first[sizeof first - 1] != '\n' ||
			   !queue_envelope_read_first(line, &entry->checksum, &size)))
		rc = err_set(e, EX_DATAERR, "its first line is not one of this queue");
	if (rc == 0 && (fstat(entry->fd, &st) != 0 || size < head.len ||
			   (whole && (uint64_t)st.st_size != QUEUE_ENVELOPE_FIRST + size)))
		rc = err_set(e, EX_DATAERR, "it is not as long as it says");
	if (rc == 0)
		rc = queue_envelope_read(buf_slice(&head), &entry->envelope, e);
	if (rc == 0) {
		entry->size = size - head.len;
		if (lseek(entry->fd, (off_t)(QUEUE_ENVELOPE_FIRST + head.len), SEEK_SET) < 0)
			rc = fail(entry, N_("cannot read its file"), e);
	}
	buf_free(&head);
	if (rc != 0 && e->ex == EX_DATAERR)
		(void)err_prefix(e, "'%s' in '%s' of the queue is no whole message", entry->id,
		    queue_spool_name(entry->folder));
	return rc;
}

int
queue_entry_reload(struct queue_entry *entry, struct err *e)
{
	struct buf journal = BUF_INIT(QUEUE_JOURNAL_MAXIMUM);
	char name[QUEUE_JOURNAL_NAME_SIZE];
	int fd, rc = 0;

	queue_journal_name(name, entry->id);
	fd = open_own(entry, name, O_RDONLY, e);
	if (fd < -1)
		return -1;
	if (fd >= 0) {
		rc = file_read_fd(fd, name, &journal, e);
		(void)close(fd);
	}
	queue_history_free(&entry->history);
	if (rc == 0)
		rc = queue_history_make(&entry->history, &journal, entry->envelope.mail.count, e);
	buf_free(&journal);
	return rc;
}

int
queue_entry_open(struct queue_entry *entry, const struct queue_spool *spool,
    enum queue_spool_folder folder, const char *id, struct err *e)
{
	*entry = (struct queue_entry){.spool = spool, .folder = folder};
	if (!queue_id_is(str_slice(id)))
		return err_set(e, EX_DATAERR, "'%s' is no name of a queued message", id);
	(void)str_copy(entry->id, sizeof entry->id, str_slice(id));
	entry->fd = open_own(entry, id, O_RDONLY, e);
	if (entry->fd < 0)
		return entry->fd == -1 ? QUEUE_ENTRY_GONE : -1;
	if (read_envelope(entry, true, e) == 0 && queue_entry_reload(entry, e) == 0)
		return QUEUE_ENTRY_OPEN;
	queue_entry_close(entry);
	return -1;
}

int
queue_entry_adopt(struct queue_entry *out, enum queue_spool_folder folder, const char *id, int fd,
    struct buf *journal, struct err *e)
{
	*out = (struct queue_entry){.folder = folder, .fd = fd};
	(void)str_copy(out->id, sizeof out->id, str_slice(id));
	if (read_envelope(out, false, e) == 0 &&
	    queue_history_make(&out->history, journal, out->envelope.mail.count, e) == 0) {
		buf_free(journal);
		return 0;
	}
	buf_free(journal);
	queue_entry_close(out);
	return -1;
}

int
queue_entry_lock(struct queue_entry *entry, struct err *e)
{
	int rc;

	do
		rc = flock(entry->fd, LOCK_EX | LOCK_NB);
	while (rc != 0 && errno == EINTR);
	if (rc != 0)
		return errno == EWOULDBLOCK ? QUEUE_ENTRY_BUSY
					    : fail(entry, N_("cannot lock its file"), e);
	if (!is_named(entry))
		return QUEUE_ENTRY_GONE;
	return queue_entry_reload(entry, e) == 0 ? QUEUE_ENTRY_OPEN : -1;
}

int
queue_entry_check(const struct queue_entry *entry, struct err *e)
{
	uint32_t checksum;
	uint64_t size;

	if (checksum_file(entry->fd, QUEUE_ENVELOPE_FIRST, &checksum, &size) != 0)
		return fail(entry, N_("cannot read its file"), e);
	if (checksum != entry->checksum)
		return err_set(e, EX_DATAERR,
		    "'%s' in '%s' of the queue is not what was queued; left alone", entry->id,
		    queue_spool_name(entry->folder));
	return 0;
}

/* Does the last line of FD have its end? A torn one gets it, so that the next begins a line. */
static bool
ends_whole(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char last;

	return size <= 0 || (pread(fd, &last, 1, size - 1) == 1 && last == '\n');
}

/* Opens the journal NAME, to append to it. *IS_NEW: it was missing, and is made. */
static int
open_journal(struct queue_entry *entry, const char *name, bool *is_new, struct err *e)
{
	int fd = open_own(entry, name, O_RDWR | O_APPEND, e);

	*is_new = fd == -1;
	if (*is_new)
		fd = open_own(entry, name, O_RDWR | O_APPEND | O_CREAT | O_EXCL, e);
	if (fd >= 0)
		return fd;
	return fd == -1 ? fail(entry, N_("cannot write its journal"), e) : -1;
}

/* Appends TEXT to the journal NAME, which is made where it is missing. */
static int
append(struct queue_entry *entry, const char *name, struct slice text, struct err *e)
{
	bool is_new;
	int fd = open_journal(entry, name, &is_new, e), rc;

	if (fd < 0)
		return -1;
	rc = ends_whole(fd) ? 0 : file_write(fd, name, "\n", 1, e);
	if (rc == 0)
		rc = file_write(fd, name, text.ptr, text.len, e);
	if (rc == 0 && fdatasync(fd) != 0)
		rc = fail(entry, N_("cannot sync its journal"), e);
	if (rc == 0 && is_new && fsync(entry->spool->folders[entry->folder]) != 0)
		rc = fail(entry, N_("cannot sync its journal"), e);
	(void)close(fd);
	return rc;
}

/* Puts TEXT in the place of the journal NAME; a crash leaves the one or the other. */
static int
replace(struct queue_entry *entry, const char *name, struct slice text, struct err *e)
{
	int tmp = entry->spool->folders[QUEUE_SPOOL_TMP], rc;
	int folder = entry->spool->folders[entry->folder];
	int fd = openat(tmp, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return fail(entry, N_("cannot write its journal"), e);
	rc = file_write(fd, name, text.ptr, text.len, e);
	if (rc == 0 &&
	    (fsync(fd) != 0 || renameat(tmp, name, folder, name) != 0 || fsync(folder) != 0))
		rc = fail(entry, N_("cannot sync its journal"), e);
	(void)close(fd);
	return rc;
}

/* Writes the journal NAME anew, as what it says with LINES behind it, and no more. */
static int
shorten(struct queue_entry *entry, const char *name, struct slice lines, struct err *e)
{
	struct buf all = BUF_INIT(2 * QUEUE_JOURNAL_MAXIMUM),
		   text = BUF_INIT(QUEUE_JOURNAL_MAXIMUM);
	struct queue_history history;
	int fd = open_own(entry, name, O_RDONLY, e);
	int rc = fd >= 0 ? file_read_fd(fd, name, &all, e) : -1;

	if (fd >= 0)
		(void)close(fd);
	buf_addc(&all, '\n'); /* ends a line that was torn */
	buf_add_slice(&all, lines);
	if (rc == 0 && all.full)
		rc = err_set(e, EX_TEMPFAIL, "no memory for a message's history");
	if (rc == 0)
		rc = queue_history_make(&history, &all, entry->envelope.mail.count, e);
	if (rc == 0) {
		queue_history_shorten(&history, &text);
		queue_history_free(&history);
		rc = text.full ? err_set(e, EX_TEMPFAIL, "no memory for a message's history")
			       : replace(entry, name, buf_slice(&text), e);
	}
	buf_free(&all);
	buf_free(&text);
	return rc;
}

/* Adds LINES to the journal NAME. One that is long is written anew; where that cannot be, as on a
 * full disk, it grows as far as it may. */
static int
add_lines(struct queue_entry *entry, const char *name, struct slice lines, struct err *e)
{
	struct stat st = {.st_size = 0};
	size_t size;

	(void)fstatat(entry->spool->folders[entry->folder], name, &st, AT_SYMLINK_NOFOLLOW);
	size = (size_t)st.st_size + lines.len;
	if (size > QUEUE_JOURNAL_LONG && shorten(entry, name, lines, e) == 0)
		return 0;
	return size <= QUEUE_JOURNAL_MAXIMUM ? append(entry, name, lines, e) : -1;
}

int
queue_entry_append(
    struct queue_entry *entry, const struct queue_event *events, size_t count, struct err *e)
{
	struct buf lines = BUF_INIT(QUEUE_JOURNAL_MAXIMUM);
	char name[QUEUE_JOURNAL_NAME_SIZE];
	int rc;

	queue_journal_name(name, entry->id);
	for (size_t i = 0; i < count; i++)
		queue_journal_write(&lines, &events[i]);
	rc = lines.full ? err_set(e, EX_TEMPFAIL, "no memory for a message's history")
			: add_lines(entry, name, buf_slice(&lines), e);
	buf_free(&lines);
	return rc;
}

/* May a file of this process have SIZE bytes? */
static bool
is_within_limit(off_t size)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
	       (rlim_t)size <= limit.rlim_cur;
}

int
queue_entry_reserve(struct queue_entry *entry, size_t room, struct err *e)
{
	char name[QUEUE_JOURNAL_NAME_SIZE];
	bool is_new;
	off_t size;
	int fd, rc = 0;

	queue_journal_name(name, entry->id);
	fd = open_journal(entry, name, &is_new, e);
	if (fd < 0)
		return -1;
	size = lseek(fd, 0, SEEK_END);
	errno = EFBIG;
	if (size < 0 || !is_within_limit(size + (off_t)room) ||
	    (fallocate(fd, FALLOC_FL_KEEP_SIZE, size, (off_t)room) != 0 && errno != EOPNOTSUPP))
		rc = fail(entry, N_("cannot write its journal"), e);
	(void)close(fd);
	return rc;
}

int
queue_entry_move(struct queue_entry *entry, enum queue_spool_folder folder, struct err *e)
{
	int from = entry->spool->folders[entry->folder], to = entry->spool->folders[folder];
	char name[QUEUE_JOURNAL_NAME_SIZE];

	queue_journal_name(name, entry->id);
	(void)unlinkat(to, name, 0); /* what an earlier move has left behind */
	if (linkat(from, name, to, name, 0) != 0 && errno != ENOENT)
		return fail(entry, N_("cannot move its file"), e);
	if (renameat(from, entry->id, to, entry->id) != 0)
		return fail(entry, N_("cannot move its file"), e);
	(void)unlinkat(from, name, 0);
	entry->folder = folder;
	return fsync(to) == 0 && fsync(from) == 0 ? 0 : fail(entry, N_("cannot move its file"), e);
}

int
queue_entry_remove(struct queue_entry *entry, struct err *e)
{
	int folder = entry->spool->folders[entry->folder];
	char name[QUEUE_JOURNAL_NAME_SIZE];

	queue_journal_name(name, entry->id);
	if (unlinkat(folder, entry->id, 0) != 0)
		return fail(entry, N_("cannot remove its file"), e);
	(void)unlinkat(folder, name, 0);
	return 0;
}

void
queue_entry_close(struct queue_entry *entry)
{
	if (entry->fd >= 0)
		(void)close(entry->fd);
	entry->fd = -1;
	queue_envelope_free(&entry->envelope);
	queue_history_free(&entry->history);
}
