/*
 * path: see path.h.
 */
#include <config.h>

#include <sys/stat.h>

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"

#include "base/banned.h"

static bool
is_absolute(const char *name)
{
	return name != NULL && name[0] == '/';
}

static bool
is_ours(const char *folder)
{
	struct stat st;

	return stat(folder, &st) == 0 && st.st_uid == getuid();
}

/*
 * HOME, unless it is somebody else's and the folder of the passwd entry is not: so cron calls, with
 * root's HOME. That entry is only looked for where it may count: it can be far away.
 */
bool
path_home(struct buf *out)
{
	const char *home = getenv("HOME");

	if (!is_absolute(home) || (getuid() != 0 && !is_ours(home))) {
		const struct passwd *user = getpwuid(getuid());
		const char *folder = user != NULL ? user->pw_dir : NULL;

		if (!is_absolute(home) || (is_absolute(folder) && is_ours(folder)))
			home = folder;
	}
	if (!is_absolute(home))
		return false;
	buf_adds(out, home);
	return true;
}

bool
path_xdg(struct buf *out, enum path_folder folder, const char *name)
{
	static const struct {
		const char *variable, *below_home;
	} folders[] = {
	    [PATH_CONFIG] = {"XDG_CONFIG_HOME", "/.config"},
	    [PATH_STATE] = {"XDG_STATE_HOME", "/.local/state"},
	    [PATH_CACHE] = {"XDG_CACHE_HOME", "/.cache"},
	};
	const char *value = getenv(folders[folder].variable);

	if (is_absolute(value))
		buf_adds(out, value);
	else if (path_home(out))
		buf_adds(out, folders[folder].below_home);
	else
		return false;
	buf_addc(out, '/');
	buf_adds(out, name);
	return true;
}

void
path_expand(struct buf *out, struct slice name)
{
	bool tilde = name.len > 0 && name.ptr[0] == '~' && (name.len == 1 || name.ptr[1] == '/');

	if (tilde && path_home(out)) {
		name.ptr++;
		name.len--;
	}
	buf_add_slice(out, name);
}

void
path_beside(struct buf *out, const char *beside, struct slice name)
{
	const char *end = strrchr(beside, '/');

	if (end != NULL && name.len > 0 && name.ptr[0] != '/' && name.ptr[0] != '~')
		buf_add_slice(out, str_range(beside, end + 1));
	path_expand(out, name);
}
