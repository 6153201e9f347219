/*
 * access: see access.h.
 */
#include <config.h>

#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/path.h"
#include "imbucad/access.h"
#include "imbucad/process.h"

#include "base/banned.h"

/* A folder is written by entering it. */
static int
try_one(const char *path, enum imbucad_access how, bool is_folder)
{
	struct stat st;
	int mode = how == IMBUCAD_ACCESS_READ ? R_OK : W_OK;

	if (stat(path, &st) == -1)
		return errno;
	if (S_ISDIR(st.st_mode))
		mode |= X_OK;
	else if (is_folder)
		return ENOTDIR;
	return access(path, mode) == 0 ? 0 : errno;
}

/* What is not there is as its folder is. */
static int
try(const char *path, enum imbucad_access how)
{
	struct buf folder = BUF_INIT(PATH_MAXIMUM);
	int saved = try_one(path, how, false);
	const char *slash = path + strlen(path);

	for (bool more = how != IMBUCAD_ACCESS_READ; more && saved == ENOENT && slash > path;
	     more = how == IMBUCAD_ACCESS_MAKE) {
		do
			slash--;
		while (slash > path && *slash != '/');
		buf_reset(&folder);
		buf_add_slice(&folder,
		    slash > path ? str_range(path, slash) : str_slice(path[0] == '/' ? "/" : "."));
		saved = folder.full ? ENAMETOOLONG : try_one(buf_text(&folder), how, true);
	}
	buf_free(&folder);
	return saved;
}

int
imbucad_access(
    const struct imbucad_passwd *user, const char *group, const char *path, enum imbucad_access how)
{
	struct err ignored = ERR_INIT;
	int status = 0;
	pid_t pid, done;

	if (user == NULL || user->uid == 0 || geteuid() != 0)
		return try(path, how);
	pid = fork();
	if (pid == 0)
		_exit(imbucad_process_become(user, group, &ignored) == 0 ? try(path, how) : EPERM);
	if (pid == -1)
		return errno;
	while ((done = waitpid(pid, &status, 0)) == -1 && errno == EINTR)
		continue;
	return done == pid && WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
}
