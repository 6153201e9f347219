/*
 * folder: see folder.h.
 */
#include <config.h>

#include <sys/stat.h>

#include <errno.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/path.h"
#include "imbucad/folder.h"

#include "base/banned.h"

int
imbucad_folder_make(const char *name, const struct imbucad_passwd *user, struct err *e)
{
	if (mkdir(name, 0700) == 0 ? lchown(name, user->uid, user->gid) == 0 : errno == EEXIST)
		return 0;
	(void)err_set_errno(e, EX_CANTCREAT, errno, "cannot make the folder '%s'", name);
	return err_hint(
	    e, "make it: install -d -m 700 -o %s -g %s %s", user->name, user->name, name);
}

/* A user's home that was made there, or another run of the daemon, may have left the state USER's:
 * who owns it could change what else is in it. systemd takes it away in the same way, with all that
 * is in it. */
static int
open_state(const char *state, const struct imbucad_passwd *user, struct err *e)
{
	struct stat st;

	if (file_make_folders(state, 0755, e) == -1)
		return -1;
	if (stat(state, &st) == -1 ||
	    (st.st_uid == user->uid && chown(state, 0, (gid_t)-1) == -1) ||
	    ((st.st_mode & S_IXOTH) == 0 && chmod(state, (st.st_mode & 07777) | 0011) == -1))
		return err_set_errno(e, EX_CANTCREAT, errno, "cannot open '%s' to others", state);
	return 0;
}

int
imbucad_folder_make_in_state(
    const char *state, const char *name, const struct imbucad_passwd *user, struct err *e)
{
	struct buf folder = BUF_INIT(PATH_MAXIMUM);
	int status = open_state(state, user, e);

	buf_addf(&folder, "%s/%s", state, name);
	if (status == 0)
		status = imbucad_folder_make(buf_text(&folder), user, e);
	buf_free(&folder);
	return status;
}
