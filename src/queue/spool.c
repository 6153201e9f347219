/*
 * spool: see spool.h.
 */
#include <config.h>

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "queue/spool.h"

#include "base/banned.h"

static const char *const names[QUEUE_SPOOL_FOLDERS] = {
    "tmp", "ready", "held", "failed", "accounts"};

const char *
queue_spool_name(enum queue_spool_folder folder)
{
	return names[folder];
}

int
queue_spool_locate(struct buf *out, struct err *e)
{
	const char *said = getenv("IMBUCA_QUEUE");

	if (said != NULL && said[0] == '/') {
		buf_adds(out, said);
		return 0;
	}
	if (said != NULL && said[0] != '\0')
		return err_set(e, EX_CONFIG, "IMBUCA_QUEUE is '%s', and no absolute name", said);
	if (!path_xdg(out, PATH_STATE, "imbuca/queue"))
		return err_set(e, EX_CONFIG, "there is no place for a queue without a home folder");
	return 0;
}

/* Is it that there is nothing at PATH, nor can be, as below HOME=/dev/null? FAILURE is the errno of
 * what was looked for in it. */
static bool
is_missing(const char *path, int failure)
{
	struct stat st;

	return failure == ENOENT ||
	       (failure == ENOTDIR && stat(path, &st) != 0 && errno == ENOTDIR);
}

int
queue_spool_exists(const char *path, struct err *e)
{
	struct buf ready = BUF_INIT(PATH_MAXIMUM);
	struct stat st;
	int failure, rc = 1;

	buf_addf(&ready, "%s/%s", path, names[QUEUE_SPOOL_READY]);
	if (ready.full)
		rc = err_set(e, EX_CONFIG, "the name of the queue '%s' is too long", path);
	else if (stat(buf_text(&ready), &st) != 0) {
		failure = errno;
		rc = is_missing(path, failure)
			 ? 0
			 : err_set_errno(e, err_exit_of_errno(failure, EX_NOPERM), failure,
			       "cannot look into the queue '%s'", path);
	}
	buf_free(&ready);
	return rc;
}

int
queue_spool_make(const char *path, struct err *e)
{
	/* `ready` comes last: it is what makes a spool. */
	static const enum queue_spool_folder order[] = {QUEUE_SPOOL_TMP, QUEUE_SPOOL_HELD,
	    QUEUE_SPOOL_FAILED, QUEUE_SPOOL_ACCOUNTS, QUEUE_SPOOL_READY};
	struct buf folder = BUF_INIT(PATH_MAXIMUM);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof order / sizeof order[0]; i++) {
		buf_reset(&folder);
		buf_addf(&folder, "%s/%s", path, names[order[i]]);
		if (folder.full)
			rc = err_set(e, EX_CONFIG, "the name of the queue '%s' is too long", path);
		else
			rc = file_make_folders(buf_text(&folder), 0700, e);
	}
	buf_free(&folder);
	return rc == 0 ? file_sync_folder(path, e) : -1;
}

/* Opens NAME, below the folder ABOVE or absolute, as the caller's own folder. */
static int
open_folder(const struct queue_spool *spool, int above, const char *name, struct err *e)
{
	int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0) {
		(void)err_set_errno(e, err_exit_of_errno(errno, EX_CANTCREAT), errno,
		    "cannot open '%s' of the queue '%s'", name, buf_text(&spool->path));
	} else if (st.st_uid != geteuid()) {
		(void)err_set(
		    e, EX_NOPERM, "the queue '%s' belongs to another user", buf_text(&spool->path));
	} else if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		(void)err_set(e, EX_NOPERM, "other users have access to '%s' of the queue '%s'",
		    name, buf_text(&spool->path));
		(void)err_hint(e, "take it away: chmod -R go= '%s'", buf_text(&spool->path));
	} else
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

int
queue_spool_open(struct queue_spool *spool, const char *path, struct err *e)
{
	int root, rc = 0;

	*spool = (struct queue_spool){.path = BUF_INIT(PATH_MAXIMUM)};
	for (size_t i = 0; i < QUEUE_SPOOL_FOLDERS; i++)
		spool->folders[i] = -1;
	buf_adds(&spool->path, path);
	root = open_folder(spool, AT_FDCWD, path, e);
	for (size_t i = 0; root >= 0 && rc == 0 && i < QUEUE_SPOOL_FOLDERS; i++) {
		spool->folders[i] = open_folder(spool, root, names[i], e);
		rc = spool->folders[i] >= 0 ? 0 : -1;
	}
	if (root >= 0)
		(void)close(root);
	if (root >= 0 && rc == 0)
		return 0;
	queue_spool_close(spool);
	return -1;
}

int
queue_spool_open_made(struct queue_spool *spool, const char *path, struct err *e)
{
	int rc = queue_spool_exists(path, e);

	if (rc == 0)
		rc = queue_spool_make(path, e);
	return rc >= 0 ? queue_spool_open(spool, path, e) : -1;
}

int
queue_spool_sync(const struct queue_spool *spool, enum queue_spool_folder folder, struct err *e)
{
	if (fsync(spool->folders[folder]) == 0)
		return 0;
	return err_set_errno(e, err_exit_of_errno(errno, EX_IOERR), errno,
	    "cannot sync '%s' of the queue '%s'", names[folder], buf_text(&spool->path));
}

int
queue_spool_check(const struct queue_spool *spool, struct err *e)
{
	struct statvfs fs;
	int failure = 0;

	if (fstatvfs(spool->folders[QUEUE_SPOOL_READY], &fs) != 0)
		failure = errno;
	else if ((fs.f_flag & ST_RDONLY) != 0)
		failure = EROFS;
	if (failure == 0)
		return 0;
	return err_set_errno(
	    e, EX_TEMPFAIL, failure, "cannot write to the queue '%s'", buf_text(&spool->path));
}

void
queue_spool_close(struct queue_spool *spool)
{
	for (size_t i = 0; i < QUEUE_SPOOL_FOLDERS; i++) {
		if (spool->folders[i] >= 0)
			(void)close(spool->folders[i]);
		spool->folders[i] = -1;
	}
	buf_free(&spool->path);
}
