/*
 * location: see location.h.
 */
#include <config.h>

#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "conf/location.h"

#include "base/banned.h"

enum place_root { HOME, CONFIG, SYSTEM };

static const struct place {
	enum place_root root;
	const char *name;
} places[] = {
    {CONFIG, "imbuca/accounts"},
    {HOME, "/.msmtprc"},
    {CONFIG, "msmtp/config"},
    {SYSTEM, SYSCONFDIR "/imbuca/accounts"},
    {SYSTEM, SYSCONFDIR "/msmtprc"},
};

enum { PLACES = sizeof places / sizeof places[0] };

/* Appends the name of PLACE; false for one in a home where there is none. */
static bool
name_of(const struct place *place, struct buf *out)
{
	if (place->root == CONFIG)
		return path_xdg(out, PATH_CONFIG, place->name);
	if (place->root == HOME && !path_home(out))
		return false;
	buf_adds(out, place->name);
	return true;
}

/* What keeps an accounts file from being opened is a matter of configuration, unless it passes. */
static int
as_configuration(struct err *e)
{
	if (e->ex != EX_TEMPFAIL)
		e->ex = EX_CONFIG;
	return -1;
}

/* May the caller be meant by the file NAME, which cannot be opened? Root's HOME may be left over.
 */
static bool
is_own(const char *name)
{
	struct stat st;

	return stat(name, &st) == 0 && st.st_uid == getuid();
}

/* WITHHELD: one is the system's, and not for the caller. */
static int
none_found(bool withheld, struct err *e)
{
	struct buf names = BUF_INIT(sizeof e->hint);

	for (size_t i = 0; i < PLACES; i++) {
		size_t begin = names.len;

		buf_adds(&names, begin > 0 ? ", " : "");
		if (!name_of(&places[i], &names))
			names.len = begin;
	}
	if (withheld) {
		err_set(e, EX_NOPERM, "there is no accounts file that this user may read");
		err_hint(e, "looked for %s", buf_text(&names));
	} else {
		err_set(e, EX_NOINPUT, "there is no accounts file");
		err_hint(e, "write one by 'imbuca setup ADDRESS'; looked for %s", buf_text(&names));
	}
	buf_free(&names);
	return -1;
}

const char *
conf_location_said(const char *file)
{
	const char *variable = getenv("IMBUCA_ACCOUNTS");

	if (file == NULL && variable != NULL && variable[0] != '\0')
		return variable;
	return file;
}

int
conf_location_open(const char *file, struct buf *name, struct err *e)
{
	bool withheld = false;

	file = conf_location_said(file);
	if (file != NULL) {
		int fd;

		path_expand(name, str_slice(file));
		fd = file_open_read(buf_text(name), e);
		return fd >= 0 ? fd : as_configuration(e);
	}
	for (size_t i = 0; i < PLACES; i++) {
		int fd;

		buf_reset(name);
		if (!name_of(&places[i], name))
			continue;
		fd = file_open_read(buf_text(name), e);
		if (fd >= 0)
			return fd;
		if (e->ex != EX_NOINPUT && (e->ex != EX_NOPERM || is_own(buf_text(name))))
			return as_configuration(e);
		withheld |= e->ex == EX_NOPERM && places[i].root == SYSTEM;
	}
	return none_found(withheld, e);
}

bool
conf_location_is_msmtp(const char *name)
{
	static const char *const ends[] = {"/.msmtprc", "/msmtprc", "/msmtp/config"};
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		size_t n = strlen(ends[i]);

		if (strcmp(name, ends[i] + 1) == 0 ||
		    (len >= n && strcmp(name + len - n, ends[i]) == 0))
			return true;
	}
	return false;
}
