/*
 * mbox: see mbox.h.
 */
#include <config.h>

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/deadline.h"
#include "base/file.h"
#include "base/path.h"
#include "deliver/failure.h"
#include "deliver/mbox.h"
#include "deliver/text.h"

#include "base/banned.h"

enum {
	LOCK_TIMEOUT = 30000, /* milliseconds */
	LOCK_PAUSE = 100,
	STALE = 500, /* seconds: an older FILE.lock belongs to nobody any more */
	FROM_MAXIMUM = 1024,
	OUTPUT_MAXIMUM = 3 * DELIVER_TEXT_BLOCK,
};

static const char from_[] = "From ";

/* --- locks --- */

static void
pause_a_little(void)
{
	const struct timespec time = {0, LOCK_PAUSE * 1000000L};

	(void)nanosleep(&time, NULL);
}

/* A lock of the open file, which also keeps out the other threads of this process. */
static int
lock_file(int fd, const char *file, struct deadline until, struct err *e)
{
#ifdef F_OFD_SETLK
	const int operation = F_OFD_SETLK;
#else
	const int operation = F_SETLK;
#endif
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	while (fcntl(fd, operation, &lock) == -1) {
		if (errno != EAGAIN && errno != EACCES && errno != EINTR)
			return deliver_failure(e, errno, "lock", file);
		if (deadline_over(until))
			return deliver_failure(e, EAGAIN, "lock", file);
		pause_a_little();
	}
	return 0;
}

static void
remove_stale(const char *lock)
{
	struct stat st;

	if (lstat(lock, &st) == 0 && time(NULL) - st.st_mtime > STALE)
		(void)unlink(lock);
}

/* 1 where FILE.lock is ours, 0 where it cannot be made, -1 where another program keeps it. */
static int
lock_by_name(const char *lock, struct deadline until, struct err *e)
{
	for (;;) {
		int fd = open(lock, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

		if (fd >= 0) {
			(void)close(fd);
			return 1;
		}
		if (errno == EACCES || errno == EROFS || errno == EPERM || errno == ENAMETOOLONG)
			return 0;
		if (errno != EEXIST)
			return deliver_failure(e, errno, "make", lock);
		if (deadline_over(until))
			return deliver_failure(e, EAGAIN, "make", lock);
		remove_stale(lock);
		pause_a_little();
	}
}

/* --- the file --- */

/* Is what FD has open still FILE, a regular file that has no other name, and this user's own? Where
 * all may write into the folder, another may have made it, who would then read the mail. */
static int
check_file(int fd, const char *file, struct stat *st, struct err *e)
{
	struct stat named;

	if (fstat(fd, st) == -1 || lstat(file, &named) == -1)
		return deliver_failure(e, errno, "look at", file);
	if (!S_ISREG(named.st_mode) || st->st_ino != named.st_ino || st->st_dev != named.st_dev ||
	    st->st_nlink != 1) {
		(void)err_set(e, EX_TEMPFAIL, "'%s' is no regular file with one name", file);
		return deliver_failure_reply(e, 451, "4.3.0");
	}
	if (st->st_uid != geteuid()) {
		(void)err_set(e, EX_TEMPFAIL, "'%s' belongs to another user", file);
		return deliver_failure_reply(e, 451, "4.3.0");
	}
	return 0;
}

static int
write_out(int fd, const char *file, struct buf *out, struct err *e)
{
	int status = 0;

	if (out->full)
		status = deliver_failure(e, ENOMEM, "write", file);
	else if (file_write(fd, file, out->data, out->len, e) == -1)
		status = deliver_failure(e, errno, "write", file);
	buf_reset(out);
	return status;
}

/* --- quoting --- */

/* A line that may become ">From ": how many `>` it has so far, and signs of "From ". */
struct quoting {
	bool open; /* nothing but those came in this line yet */
	size_t marks, letters;
};

/* What was held back, with one more `>` where QUOTED. */
static void
let_go(struct quoting *q, bool quoted, struct buf *out)
{
	for (size_t i = 0; i < q->marks + (quoted ? 1 : 0); i++)
		buf_addc(out, '>');
	buf_add(out, from_, q->letters);
	q->open = false;
}

static void
quote_byte(struct quoting *q, char c, struct buf *out)
{
	if (q->open && c == '>' && q->letters == 0) {
		q->marks++;
		return;
	}
	if (q->open && c == from_[q->letters]) {
		q->letters++;
		if (from_[q->letters] == '\0')
			let_go(q, true, out);
		return;
	}
	if (q->open)
		let_go(q, false, out);
	buf_addc(out, c);
	if (c == '\n')
		*q = (struct quoting){.open = true};
}

/* --- delivery --- */

static void
add_from_line(struct buf *out, const char *sender)
{
	struct slice name = str_slice(sender);
	time_t now = time(NULL);
	char date[64];
	struct tm tm;

	if (name.len == 0 || str_find(name, ' ') < name.len || str_find_control(name) < name.len)
		name = str_slice("MAILER-DAEMON");
	(void)gmtime_r(&now, &tm);
	(void)strftime(date, sizeof date, "%a %b %e %H:%M:%S %Y", &tm);
	buf_addf(out, "%s%.*s %s\n", from_, STR_ARGS(name), date);
}

/* Writes the message to FD, behind BEFORE. */
static int
append(int fd, const char *file, const char *before, const char *sender, struct slice top,
    int message, struct err *e)
{
	struct buf out = BUF_INIT(OUTPUT_MAXIMUM);
	struct quoting quoting = {.open = true};
	struct deliver_text text;
	char last = '\n';
	int status = 0;
	ssize_t n = 0;

	buf_adds(&out, before);
	add_from_line(&out, sender);
	status = write_out(fd, file, &out, e);
	if (status == 0 && file_write(fd, file, top.ptr, top.len, e) == -1)
		status = deliver_failure(e, errno, "write", file);
	deliver_text_begin(&text, message);
	while (status == 0 && (n = deliver_text_next(&text)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			quote_byte(&quoting, text.block[i], &out);
		last = text.block[n - 1];
		status = write_out(fd, file, &out, e);
	}
	if (status == 0 && n == -1)
		status = deliver_failure(e, errno, "read", "the message");
	if (quoting.open)
		let_go(&quoting, false, &out);
	buf_adds(&out, last == '\n' ? "\n" : "\n\n");
	if (status == 0)
		status = write_out(fd, file, &out, e);
	if (status == 0 && fsync(fd) == -1)
		status = deliver_failure(e, errno, "sync", file);
	buf_free(&out);
	return status;
}

/* What must come before the next message so that it begins a line. */
static const char *
missing_end(int fd, off_t size)
{
	char last = '\n';

	if (size > 0 && pread(fd, &last, 1, size - 1) != 1)
		last = '\n';
	return last == '\n' ? "" : "\n\n";
}

/* All that is done under the locks. */
static int
deliver_locked(
    int fd, const char *file, const char *sender, struct slice top, int message, struct err *e)
{
	struct stat st;
	struct buf folder = BUF_INIT(PATH_MAXIMUM);
	int status;

	if (check_file(fd, file, &st, e) == -1)
		return -1;
	if (lseek(fd, 0, SEEK_END) == -1)
		return deliver_failure(e, errno, "write", file);
	status = append(fd, file, missing_end(fd, st.st_size), sender, top, message, e);
	if (status == -1)
		(void)(ftruncate(fd, st.st_size) == 0 && fsync(fd) == 0);
	buf_add_slice(
	    &folder, str_range(file, strrchr(file, '/') != NULL ? strrchr(file, '/') + 1 : file));
	if (status == 0 && st.st_size == 0 &&
	    file_sync_folder(folder.len > 0 ? buf_text(&folder) : ".", e) == -1)
		status = deliver_failure(e, errno, "sync the folder of", file);
	buf_free(&folder);
	return status;
}

int
deliver_mbox(const char *file, const char *sender, struct slice top, int message, struct err *e)
{
	struct deadline until = deadline_in(LOCK_TIMEOUT);
	struct buf lock = BUF_INIT(PATH_MAXIMUM);
	struct stat st;
	int fd, named = -1, status = -1;

	fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
	if (fd == -1)
		return deliver_failure(e, errno, "open", file);
	buf_addf(&lock, "%s.lock", file);
	if (check_file(fd, file, &st, e) == 0 && lock_file(fd, file, until, e) == 0)
		named = lock_by_name(buf_text(&lock), until, e);
	if (named >= 0)
		status = deliver_locked(fd, file, sender, top, message, e);
	if (named == 1)
		(void)unlink(buf_text(&lock));
	(void)close(fd);
	buf_free(&lock);
	return status;
}
