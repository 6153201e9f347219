/*
 * maildir: see maildir.h.
 */
#include <config.h>

#include <sys/stat.h>
#include <sys/time.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "deliver/failure.h"
#include "deliver/maildir.h"
#include "deliver/text.h"

#include "base/banned.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { TRIES = 10, NAME_MAXIMUM = 255 };

/* STATUS of a call that sets errno, as this file's own. */
static int
check(int status, const char *what, const char *where, struct err *e)
{
	return status == -1 ? deliver_failure(e, errno, what, where) : 0;
}

/* FOLDER/BELOW, and NAME in it unless NULL, into OUT. */
static const char *
place(struct buf *out, const char *folder, const char *below, const char *name)
{
	buf_reset(out);
	buf_addf(
	    out, "%s/%s%s%s", folder, below, name != NULL ? "/" : "", name != NULL ? name : "");
	return buf_text(out);
}

/* What there is of them stays; tmp comes last, so that where it is the others are. */
static int
make_folders(const char *folder, struct err *e)
{
	static const char *const below[] = {"cur", "new", "tmp"};
	struct buf path = BUF_INIT(PATH_MAXIMUM);
	int status = 0;

	for (size_t i = 0; status == 0 && i < COUNT(below); i++) {
		status = file_make_folders(place(&path, folder, below[i], NULL), 0700, e);
		if (status == 0 && path.full)
			status = deliver_failure(e, ENAMETOOLONG, "use", folder);
	}
	buf_free(&path);
	return status;
}

/* HOST, without what has a meaning in the name of a file here. */
static void
add_host(struct buf *out, const char *host)
{
	for (const char *c = host; *c != '\0'; c++) {
		if (*c == '/' || *c == ':')
			buf_addf(out, "\\%03o", (unsigned)(unsigned char)*c);
		else
			buf_addc(out, *c);
	}
}

/* A new file in tmp; its path in PATH, its moment in WHEN. */
static int
open_tmp(const char *folder, const char *host, struct buf *path, struct timeval *when)
{
	struct buf name = BUF_INIT(NAME_MAXIMUM);
	int fd = -1;

	errno = EEXIST;
	for (int i = 0; fd == -1 && errno == EEXIST && i < TRIES; i++) {
		(void)gettimeofday(when, NULL);
		buf_reset(&name);
		buf_addf(&name, "%lld.M%ldP%ld.", (long long)when->tv_sec, (long)when->tv_usec,
		    (long)getpid());
		add_host(&name, host);
		(void)place(path, folder, "tmp", buf_text(&name));
		errno = ENAMETOOLONG;
		if (!path->full)
			fd = open(buf_text(path),
			    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	}
	buf_free(&name);
	return fd;
}

/* The same, in a Maildir that is made where it isn't there. */
static int
begin(const char *folder, const char *host, struct buf *path, struct timeval *when, struct err *e)
{
	int fd = open_tmp(folder, host, path, when);

	if (fd == -1 && errno == ENOENT) {
		if (make_folders(folder, e) == -1)
			return deliver_failure(e, errno, "make", folder);
		fd = open_tmp(folder, host, path, when);
	}
	return fd != -1 ? fd : deliver_failure(e, errno, "make a file in", folder);
}

/* Writes the file on MESSAGE to FD. */
static int
copy(int fd, const char *path, int message, struct err *e)
{
	struct deliver_text text;
	ssize_t n;

	deliver_text_begin(&text, message);
	while ((n = deliver_text_next(&text)) > 0) {
		if (check(file_write(fd, path, text.block, (size_t)n, e), "write", path, e) == -1)
			return -1;
	}
	return n == 0 ? 0 : deliver_failure(e, errno, "read", "the message");
}

/* The name in new: unique by the inode, whatever processes and clocks do. */
static int
final_name(int fd, const char *host, const struct timeval *when, struct buf *out)
{
	struct stat facts;

	if (fstat(fd, &facts) == -1)
		return -1;
	buf_addf(out, "%lld.M%ldP%ldV%llxI%llx.", (long long)when->tv_sec, (long)when->tv_usec,
	    (long)getpid(), (unsigned long long)facts.st_dev, (unsigned long long)facts.st_ino);
	add_host(out, host);
	buf_addf(out, ",S=%lld", (long long)facts.st_size);
	return 0;
}

/* Gives the file on FD its place in new. Over NFS a link may have been made and still be reported
 * lost. */
static int
publish(int fd, const char *tmp, const char *path)
{
	struct stat facts;

	int saved;

	if (link(tmp, path) == 0)
		return 0;
	saved = errno;
	if (fstat(fd, &facts) == 0 && facts.st_nlink == 2)
		return 0;
	errno = saved;
	return -1;
}

/* The same in the folder new, which is made where only tmp was there. */
static int
publish_in(const char *folder, int fd, const char *tmp, const struct buf *name, struct err *e)
{
	struct buf path = BUF_INIT(PATH_MAXIMUM);
	int status;

	(void)place(&path, folder, "new", buf_text(name));
	status = publish(fd, tmp, buf_text(&path));
	if (status == -1 && errno == ENOENT && make_folders(folder, e) == 0)
		status = publish(fd, tmp, buf_text(&path));
	status = check(status, "make", buf_text(&path), e);
	buf_free(&path);
	return status;
}

/* All that is done to the open file TMP on FD. */
static int
fill(int fd, const char *tmp, const char *folder, const char *host, const struct timeval *when,
    struct slice top, int message, struct buf *name, struct err *e)
{
	struct buf path = BUF_INIT(PATH_MAXIMUM);
	int status = check(file_write(fd, tmp, top.ptr, top.len, e), "write", tmp, e);

	if (status == 0)
		status = copy(fd, tmp, message, e);
	if (status == 0)
		status = check(fsync(fd), "sync", tmp, e);
	if (status == 0)
		status = check(final_name(fd, host, when, name), "look at", tmp, e);
	if (status == 0)
		status = publish_in(folder, fd, tmp, name, e);
	if (status == 0)
		status = check(file_sync_folder(place(&path, folder, "new", NULL), e), "sync",
		    buf_text(&path), e);
	buf_free(&path);
	return status;
}

int
deliver_maildir(const char *folder, const char *host, struct slice top, int message,
    struct buf *name, struct err *e)
{
	struct buf tmp = BUF_INIT(PATH_MAXIMUM);
	struct timeval when;
	int status, fd;

	fd = begin(folder, host, &tmp, &when, e);
	status = fd;
	if (fd != -1) {
		status = fill(fd, buf_text(&tmp), folder, host, &when, top, message, name, e);
		(void)unlink(buf_text(&tmp));
		(void)close(fd);
	}
	buf_free(&tmp);
	return status;
}
