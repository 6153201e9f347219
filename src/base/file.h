/*
 * file: whole files, unnamed files, and writing that survives a crash.
 *
 * An error's exit code is EX_TEMPFAIL where it may pass (no space, no descriptors: see
 * err_exit_of_errno), else as each function says.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Opens NAME for reading, close-on-exec; never waits for a FIFO's writer. Returns the descriptor,
 * which the caller closes; -1 with EX_NOINPUT (not there) or EX_NOPERM (not allowed) or EX_IOERR.
 */
int file_open_read(const char *name, struct err *e);

/*
 * Appends all that can be read from FD to OUT; NAME is for the error. -1 with EX_IOERR, or with
 * EX_DATAERR where it is more than OUT's maximum.
 */
int file_read_fd(int fd, const char *name, struct buf *out, struct err *e);

/* Appends the whole file NAME to OUT. */
int file_read(const char *name, struct buf *out, struct err *e);

/* Writes N bytes to FD, however often it takes. -1 with EX_IOERR; NAME is for the error. */
int file_write(int fd, const char *name, const void *ptr, size_t n, struct err *e);

/*
 * An unnamed file, read and write, that is gone when its descriptor is closed: in DIR, or where DIR
 * is NULL in $TMPDIR, and where none can be made there, since it may be left over from another
 * user, in /tmp. O_TMPFILE where the file system has it, else a file that is unlinked at once.
 * Returns the descriptor; -1 with EX_CANTCREAT.
 */
int file_open_unnamed(const char *dir, struct err *e);

/*
 * Puts CONTENT in the place of the file NAME, with MODE, so that at every moment, a crash included,
 * NAME is the old file or the whole new one: written beside it, synced, renamed, the folder synced.
 * -1 with EX_CANTCREAT.
 */
int file_replace(const char *name, mode_t mode, struct slice content, struct err *e);

/* The same for a file that is another user's; root alone can give it away. */
struct file_owner {
	uid_t uid;
	gid_t gid;
	mode_t mode;
};
int file_replace_owned(
    const char *name, const struct file_owner *owner, struct slice content, struct err *e);

/* The same without the syncing: for what need not survive a crash, and then may be garbage. */
int file_replace_unsynced(const char *name, mode_t mode, struct slice content, struct err *e);

/* Makes the folder NAME and those above it where missing, with MODE. -1 with EX_CANTCREAT. */
int file_make_folders(const char *name, mode_t mode, struct err *e);

/* Syncs the folder DIR, so that the names in it survive a crash. -1 with EX_IOERR. */
int file_sync_folder(const char *dir, struct err *e);

/*
 * May the file on FD say what the program does, commands that it runs among it? A regular file must
 * be the caller's or root's, and nobody else may write it but a user's private group (the caller's,
 * of the user's number); a pipe is whoever's opened it. -1 with EX_CONFIG and a hint that mends it.
 */
int file_check_trusted(int fd, const char *name, struct err *e);

/*
 * May the file on FD hold a secret? It must be a regular file, owned by the caller or root, and
 * neither readable nor writable by group or others; root's file may be group-readable (a service's
 * credentials). -1 with EX_CONFIG and a hint that mends it.
 */
int file_check_secret(int fd, const char *name, struct err *e);

/* The same for the user UID, who reads it. */
int file_check_secret_of(int fd, const char *name, uid_t uid, struct err *e);

#endif
