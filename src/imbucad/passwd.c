/*
 * passwd: see passwd.h.
 */
#include <config.h>

#include <errno.h>
#include <pwd.h>
#include <unistd.h>

#include "imbucad/passwd.h"

#include "base/banned.h"

enum { ENTRY_SIZE = 16384 };

/* What a call of getpw*_r came to. */
static int
judge(int saved, const struct passwd *found, struct imbucad_passwd *out, struct err *e)
{
	if (found == NULL) {
		if (saved == 0 || saved == ENOENT || saved == ESRCH || saved == EBADF ||
		    saved == EPERM)
			return 0;
		return err_set_errno(e, EX_TEMPFAIL, saved, "cannot look the user up");
	}
	out->uid = found->pw_uid;
	out->gid = found->pw_gid;
	if (str_copy(out->name, sizeof out->name, str_slice(found->pw_name)) &&
	    str_copy(out->home, sizeof out->home, str_slice(found->pw_dir)))
		return 1;
	return err_set(e, EX_TEMPFAIL, "the user's name or home is too long");
}

int
imbucad_passwd_find(struct slice name, struct imbucad_passwd *out, struct err *e)
{
	char text[sizeof out->name], memory[ENTRY_SIZE];
	struct passwd entry, *found = NULL;
	int saved;

	if (name.len == 0 || !str_copy(text, sizeof text, name))
		return 0;
	saved = getpwnam_r(text, &entry, memory, sizeof memory, &found);
	return judge(saved, found, out, e);
}

int
imbucad_passwd_of(uid_t uid, struct imbucad_passwd *out, struct err *e)
{
	char memory[ENTRY_SIZE];
	struct passwd entry, *found = NULL;
	int saved = getpwuid_r(uid, &entry, memory, sizeof memory, &found);

	return judge(saved, found, out, e);
}

int
imbucad_passwd_self(const char *name, struct imbucad_passwd *out, struct err *e)
{
	int found = name != NULL ? imbucad_passwd_find(str_slice(name), out, e)
				 : imbucad_passwd_of(geteuid(), out, e);

	if (found == -1)
		return -1;
	if (found == 1 && (out->uid != 0 || name == NULL))
		return 0;
	if (name == NULL)
		return err_set(e, EX_CONFIG, "this user has no name on this machine");
	if (found == 1) {
		(void)err_set(
		    e, EX_CONFIG, "the user '%s' is root, and imbucad runs as another", name);
		return err_hint(
		    e, "name a user of its own in 'user', or nobody: then it is imbuca");
	}
	(void)err_set(e, EX_CONFIG, "there is no user '%s' to run as", name);
	return err_hint(
	    e, "make one: adduser --system --group --home /var/lib/imbuca/home %s", name);
}
