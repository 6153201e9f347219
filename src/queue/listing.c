/*
 * listing: see listing.h.
 */
#include <config.h>

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "queue/journal.h"
#include "queue/listing.h"

#include "base/banned.h"

enum { OLD = 24 * 60 * 60 }; /* seconds */

/* Opens FOLDER for reading once more, with an offset of its own. */
static DIR *
open_folder(const struct queue_spool *spool, enum queue_spool_folder folder)
{
	int fd = openat(spool->folders[folder], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (dir == NULL && fd >= 0)
		(void)close(fd);
	return dir;
}

/* Is NAME the one of a journal? Then ID is its message's. */
static bool
is_journal(const char *name, char id[QUEUE_ID_SIZE])
{
	char journal[QUEUE_JOURNAL_NAME_SIZE];

	(void)str_copy(id, QUEUE_ID_SIZE, str_slice(name));
	queue_journal_name(journal, id);
	return queue_id_is(str_slice(id)) && strcmp(journal, name) == 0;
}

static int
add(struct queue_listing *out, const char *name, struct err *e)
{
	char(*grown)[QUEUE_ID_SIZE] = array_grow(out->ids, out->count, sizeof *grown);

	if (grown == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for the queue");
	out->ids = grown;
	(void)str_copy(grown[out->count++], QUEUE_ID_SIZE, str_slice(name));
	return 0;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

int
queue_listing_read(struct queue_listing *out, const struct queue_spool *spool,
    enum queue_spool_folder folder, struct err *e)
{
	DIR *dir = open_folder(spool, folder);
	char id[QUEUE_ID_SIZE];
	struct dirent *entry;
	int rc = 0;

	*out = (struct queue_listing){.ids = NULL};
	if (dir == NULL)
		return err_set_errno(e, err_exit_of_errno(errno, EX_IOERR), errno,
		    "cannot read '%s' of the queue", queue_spool_name(folder));
	while (rc == 0 && (errno = 0, entry = readdir(dir)) != NULL) {
		if (queue_id_is(str_slice(entry->d_name)))
			rc = add(out, entry->d_name, e);
		else if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
			 !is_journal(entry->d_name, id))
			out->strange++;
	}
	if (rc == 0 && errno != 0)
		rc = err_set_errno(
		    e, EX_IOERR, errno, "cannot read '%s' of the queue", queue_spool_name(folder));
	(void)closedir(dir);
	if (out->count > 0)
		qsort(out->ids, out->count, sizeof *out->ids, compare);
	return rc;
}

/* Removes NAME, a file of ours, from DIR where it has not been touched for so many SECONDS. */
static void
remove_old(DIR *dir, const char *name, int64_t seconds)
{
	struct stat st;

	if (fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid() && st.st_ctime <= time(NULL) - seconds)
		(void)unlinkat(dirfd(dir), name, 0);
}

static void
sweep_tmp(const struct queue_spool *spool)
{
	DIR *dir = open_folder(spool, QUEUE_SPOOL_TMP);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		remove_old(dir, entry->d_name, OLD);
	if (dir != NULL)
		(void)closedir(dir);
}

void
queue_listing_sweep(const struct queue_spool *spool, enum queue_spool_folder folder)
{
	DIR *dir = open_folder(spool, folder);
	char id[QUEUE_ID_SIZE];
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (is_journal(entry->d_name, id) &&
		    faccessat(dirfd(dir), id, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
			remove_old(dir, entry->d_name, OLD);
	}
	if (dir != NULL)
		(void)closedir(dir);
	sweep_tmp(spool);
}

void
queue_listing_expire(
    const struct queue_spool *spool, enum queue_spool_folder folder, int64_t seconds)
{
	DIR *dir = open_folder(spool, folder);
	char id[QUEUE_ID_SIZE];
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (queue_id_is(str_slice(entry->d_name)) || is_journal(entry->d_name, id))
			remove_old(dir, entry->d_name, seconds);
	}
	if (dir != NULL)
		(void)closedir(dir);
}

void
queue_listing_free(struct queue_listing *listing)
{
	free(listing->ids);
	*listing = (struct queue_listing){.ids = NULL};
}
