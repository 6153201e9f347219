/*
 * folder: see folder.h.
 */
#include <config.h>

#include <sys/stat.h>

#include <errno.h>
#include <unistd.h>

#include "imbucad/folder.h"

#include "base/banned.h"

int
imbucad_folder_make(const char *name, const struct imbucad_passwd *user, struct err *e)
{
	if (mkdir(name, 0700) == 0 ? chown(name, user->uid, user->gid) == 0 : errno == EEXIST)
		return 0;
	(void)err_set_errno(e, EX_CANTCREAT, errno, "cannot make the folder '%s'", name);
	return err_hint(
	    e, "make it: install -d -m 700 -o %s -g %s %s", user->name, user->name, name);
}
