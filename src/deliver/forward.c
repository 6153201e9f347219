/*
 * forward: see forward.h.
 */
#include <config.h>

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "deliver/aliases_inside.h"
#include "deliver/failure.h"
#include "deliver/forward.h"

#include "base/banned.h"

/* Refuses what is neither ours nor root's, or what others can write: ST describes it. */
static int
check_owner(const struct stat *st, const char *what, struct err *e)
{
	if (st->st_uid != geteuid() && st->st_uid != 0) {
		(void)err_set(e, EX_TEMPFAIL, "'%s' belongs to another user", what);
		(void)err_hint(e, "give it to the user whose home it is: chown");
		return deliver_failure_reply(e, 451, "4.3.0");
	}
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		(void)err_set(e, EX_TEMPFAIL, "'%s' can be written by other users", what);
		(void)err_hint(e, "take their permission away: chmod go-w '%s'", what);
		return deliver_failure_reply(e, 451, "4.3.0");
	}
	return 0;
}

/* As deliver_failure, of what need only be read. */
static int
unreadable(struct err *e, int saved, const char *what, const char *where)
{
	(void)deliver_failure(e, saved, what, where);
	if (saved == EACCES || saved == EPERM)
		(void)err_hint(e, "see that the user can read it");
	return -1;
}

/* Does TEXT name nobody? What is no list of names does not say so. */
static bool
is_empty(struct slice text)
{
	struct deliver_target_list targets = {NULL, 0};
	const char *at = text.ptr;
	struct err ignored = ERR_INIT;
	bool empty = deliver_target_parse_list(&targets, text, true, &at, &ignored) == 0 &&
		     targets.count == 0;

	deliver_target_list_free(&targets);
	return empty;
}

/* An empty file is none: somebody has just emptied it, or has not written it yet. */
static int
read_open(int fd, const char *name, struct buf *out, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return deliver_failure(e, errno, "look at", name);
	if (!S_ISREG(st.st_mode)) {
		(void)err_set(e, EX_TEMPFAIL, "'%s' is not a regular file", name);
		return deliver_failure_reply(e, 451, "4.3.0");
	}
	if (check_owner(&st, name, e) == -1)
		return -1;
	if (file_read_fd(fd, name, out, e) == -1)
		return deliver_failure_reply(e, 451, "4.3.0");
	if (!is_empty(buf_slice(out)))
		return 1;
	buf_reset(out);
	return 0;
}

int
deliver_forward_read(const char *home, struct buf *out, struct err *e)
{
	struct buf name = BUF_INIT(PATH_MAXIMUM);
	struct stat st;
	int fd, status;

	if (stat(home, &st) == -1)
		return unreadable(e, errno, "look at the home", home);
	if (check_owner(&st, home, e) == -1)
		return -1;
	buf_addf(&name, "%s/.forward", home);
	fd = open(buf_text(&name), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0) {
		status = read_open(fd, buf_text(&name), out, e);
		(void)close(fd);
	} else {
		status = errno == ENOENT ? 0 : unreadable(e, errno, "open", buf_text(&name));
	}
	buf_free(&name);
	return status;
}

int
deliver_forward_parse(struct slice text, struct deliver_target_list *out, struct err *e)
{
	const char *at = text.ptr;

	if (deliver_aliases_check_bytes(text, &at, e) == 0 &&
	    deliver_target_parse_list(out, text, true, &at, e) == 0)
		return 0;
	(void)deliver_aliases_blame(".forward", text, at, e);
	return deliver_failure_reply(e, 451, "4.3.0");
}
