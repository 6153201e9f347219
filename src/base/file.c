/*
 * file: see file.h.
 */
#include <config.h>

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"

#include "base/banned.h"

enum { READ_BLOCK = 4096 }; /* most files are shorter, and what is taken may have to be wiped */

int
file_open_read(const char *name, struct err *e)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int ex = EX_IOERR;

	if (fd >= 0) {
		/* Only the opening must not wait; a pipe's writer may be slower than its reader. */
		(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
		return fd;
	}
	if (errno == ENOENT || errno == ENOTDIR)
		ex = EX_NOINPUT;
	else if (errno == EACCES || errno == EPERM)
		ex = EX_NOPERM;
	return err_set_errno(e, err_exit_of_errno(errno, ex), errno, "cannot open '%s'", name);
}

int
file_read_fd(int fd, const char *name, struct buf *out, struct err *e)
{
	for (;;) {
		size_t left = out->max - out->len;
		char *room = buf_room(out, left < READ_BLOCK ? left : READ_BLOCK);
		char beyond;
		ssize_t n;

		if (room == NULL)
			return err_set(e, EX_TEMPFAIL, "no memory to read '%s'", name);
		n = left > 0 ? read(fd, room, left < READ_BLOCK ? left : READ_BLOCK)
			     : read(fd, &beyond, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set_errno(e, EX_IOERR, errno, "cannot read '%s'", name);
		if (n == 0)
			return 0;
		if (left == 0)
			return err_set(
			    e, EX_DATAERR, "'%s' is larger than %zu bytes", name, out->max);
		buf_grew(out, (size_t)n);
	}
}

int
file_read(const char *name, struct buf *out, struct err *e)
{
	int fd = file_open_read(name, e);
	int rc;

	if (fd < 0)
		return -1;
	rc = file_read_fd(fd, name, out, e);
	(void)close(fd);
	return rc;
}

int
file_write(int fd, const char *name, const void *ptr, size_t n, struct err *e)
{
	const char *at = ptr;

	while (n > 0) {
		ssize_t done = write(fd, at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return err_set_errno(e, err_exit_of_errno(errno, EX_IOERR), errno,
			    "cannot write '%s'", name);
		at += done;
		n -= (size_t)done;
	}
	return 0;
}

static int
open_unnamed_in(const char *dir, struct err *e)
{
	struct buf name = BUF_INIT(PATH_MAXIMUM);
	int fd = -1;

#ifdef O_TMPFILE
	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
#endif
	buf_addf(&name, "%s/imbuca.XXXXXX", dir);
	if (!name.full) {
		fd = mkostemp(name.data, O_CLOEXEC);
		if (fd >= 0)
			(void)unlink(name.data);
	}
	buf_free(&name);
	if (fd < 0)
		return err_set_errno(e, err_exit_of_errno(errno, EX_CANTCREAT), errno,
		    "cannot make a temporary file in '%s'", dir);
	return fd;
}

int
file_open_unnamed(const char *dir, struct err *e)
{
	const char *said = getenv("TMPDIR");
	int fd = -1;

	if (dir != NULL)
		return open_unnamed_in(dir, e);
	if (said != NULL && said[0] == '/')
		fd = open_unnamed_in(said, e);
	return fd >= 0 ? fd : open_unnamed_in("/tmp", e);
}

int
file_sync_folder(const char *dir, struct err *e)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? -1 : fsync(fd);

	if (rc != 0)
		(void)err_set_errno(e, err_exit_of_errno(errno, EX_IOERR), errno,
		    "cannot sync the folder '%s'", dir);
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

/* Writes CONTENT to the new file that FD holds open as NAME, and may SYNC it. Closes FD. */
static int
fill_new(int fd, const char *name, const struct file_owner *owner, struct slice content, bool sync,
    struct err *e)
{
	int rc = file_write(fd, name, content.ptr, content.len, e);

	if (rc == 0 && ((owner->uid != (uid_t)-1 && fchown(fd, owner->uid, owner->gid) != 0) ||
			   fchmod(fd, owner->mode) != 0 || (sync && fsync(fd) != 0)))
		rc = err_set_errno(
		    e, err_exit_of_errno(errno, EX_CANTCREAT), errno, "cannot write '%s'", name);
	(void)close(fd);
	return rc;
}

static int
replace(const char *name, const struct file_owner *owner, struct slice content, bool sync,
    struct err *e)
{
	struct buf temporary = BUF_INIT(PATH_MAXIMUM), folder = BUF_INIT(PATH_MAXIMUM);
	const char *end = strrchr(name, '/');
	int fd, rc = -1;

	buf_addf(&temporary, "%s.XXXXXX", name);
	buf_add_slice(&folder, end != NULL ? str_range(name, end + 1) : str_slice("."));
	fd = temporary.full ? -1 : mkostemp(temporary.data, O_CLOEXEC);
	if (fd < 0) {
		(void)err_set_errno(e, err_exit_of_errno(errno, EX_CANTCREAT), errno,
		    "cannot make a file beside '%s'", name);
		goto out;
	}
	rc = fill_new(fd, temporary.data, owner, content, sync, e);
	if (rc == 0 && rename(temporary.data, name) != 0)
		rc = err_set_errno(e, EX_CANTCREAT, errno, "cannot replace '%s'", name);
	if (rc != 0)
		(void)unlink(temporary.data);
	else if (sync)
		rc = file_sync_folder(folder.data, e);
out:
	buf_free(&temporary);
	buf_free(&folder);
	return rc;
}

int
file_replace(const char *name, mode_t mode, struct slice content, struct err *e)
{
	const struct file_owner owner = {(uid_t)-1, (gid_t)-1, mode};

	return replace(name, &owner, content, true, e);
}

int
file_replace_owned(
    const char *name, const struct file_owner *owner, struct slice content, struct err *e)
{
	return replace(name, owner, content, true, e);
}

int
file_replace_unsynced(const char *name, mode_t mode, struct slice content, struct err *e)
{
	const struct file_owner owner = {(uid_t)-1, (gid_t)-1, mode};

	return replace(name, &owner, content, false, e);
}

int
file_make_folders(const char *name, mode_t mode, struct err *e)
{
	struct buf path = BUF_INIT(PATH_MAXIMUM);
	int rc = 0;

	buf_adds(&path, name);
	for (size_t i = 1; rc == 0 && i <= path.len; i++) {
		if (path.data[i] != '/' && path.data[i] != '\0')
			continue;
		path.data[i] = '\0';
		if (mkdir(path.data, mode) != 0 && errno != EEXIST)
			rc = err_set_errno(e, err_exit_of_errno(errno, EX_CANTCREAT), errno,
			    "cannot make the folder '%s'", path.data);
		if (i < path.len)
			path.data[i] = '/';
	}
	buf_free(&path);
	return rc;
}

int
file_check_trusted(int fd, const char *name, struct err *e)
{
	struct stat st;
	mode_t forbidden = S_IWOTH;

	if (fstat(fd, &st) != 0)
		return err_set_errno(e, EX_CONFIG, errno, "cannot look at '%s'", name);
	if (!S_ISREG(st.st_mode))
		return 0;
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(e, EX_CONFIG, "'%s' belongs to another user", name);
	if (st.st_gid != getegid() || getegid() != geteuid())
		forbidden |= S_IWGRP;
	if ((st.st_mode & forbidden) == 0)
		return 0;
	(void)err_set(e, EX_CONFIG, "'%s' can be written by other users", name);
	return err_hint(e, "take their permission away: chmod go-w '%s'", name);
}

int
file_check_secret(int fd, const char *name, struct err *e)
{
	return file_check_secret_of(fd, name, geteuid(), e);
}

int
file_check_secret_of(int fd, const char *name, uid_t uid, struct err *e)
{
	struct stat st;
	mode_t forbidden;

	if (fstat(fd, &st) != 0)
		return err_set_errno(e, EX_CONFIG, errno, "cannot look at '%s'", name);
	if (!S_ISREG(st.st_mode))
		return err_set(e, EX_CONFIG, "'%s' holds a secret and is not a regular file", name);
	if (st.st_uid != uid && st.st_uid != 0)
		return err_set(
		    e, EX_CONFIG, "'%s' holds a secret and belongs to another user", name);
	forbidden = st.st_uid == 0 && uid != 0 ? S_IWGRP | S_IRWXO : S_IRWXG | S_IRWXO;
	if ((st.st_mode & forbidden) == 0)
		return 0;
	(void)err_set(e, EX_CONFIG, "'%s' holds a secret that other users can read", name);
	(void)err_failure(e, "loose_file");
	return err_hint(e, "take their permission away: chmod 600 '%s'", name);
}
