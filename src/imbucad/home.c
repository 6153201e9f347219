/*
 * home: see home.h.
 */
#include <config.h>

#include <string.h>

#include "base/path.h"
#include "deliver/mailbox.h"
#include "imbucad/access.h"
#include "imbucad/folder.h"
#include "imbucad/home.h"

#include "base/banned.h"

#define HOME "home"

static void
write_home(const struct conf_daemon *conf, struct buf *out)
{
	buf_addf(out, "%s/%s", conf->state, HOME);
}

/* A mailbox elsewhere leaves the home as it is. */
static bool
is_fit(const struct conf_daemon *conf, const struct imbucad_passwd *user)
{
	struct buf path = BUF_INIT(PATH_MAXIMUM);
	bool fit = true;

	if (strcmp(user->home, conf->state) == 0) {
		fit = false;
	} else if (strstr(conf->mailbox, ":~/") != NULL) {
		deliver_mailbox_path(conf->mailbox, user->name, user->home, &path);
		fit = imbucad_access(user, NULL, buf_text(&path), IMBUCAD_ACCESS_MAKE) == 0;
	}
	buf_free(&path);
	return fit;
}

int
imbucad_home_self(
    const struct conf_daemon *conf, bool privileged, struct imbucad_passwd *out, struct err *e)
{
	struct buf path = BUF_INIT(sizeof out->home - 1);
	int status = imbucad_passwd_self(privileged ? conf->user : NULL, out, e);

	if (status == 0 && privileged && !is_fit(conf, out)) {
		write_home(conf, &path);
		if (!path.full)
			(void)str_copy(out->home, sizeof out->home, buf_slice(&path));
	}
	buf_free(&path);
	return status;
}

bool
imbucad_home_is_made(const struct conf_daemon *conf, const struct imbucad_passwd *user)
{
	struct buf path = BUF_INIT(PATH_MAXIMUM);
	bool is;

	if (conf->state != NULL)
		write_home(conf, &path);
	is = path.len > 0 && strcmp(buf_text(&path), user->home) == 0;
	buf_free(&path);
	return is;
}

int
imbucad_home_prepare(
    const struct conf_daemon *conf, const struct imbucad_passwd *user, struct err *e)
{
	if (!imbucad_home_is_made(conf, user))
		return 0;
	return imbucad_folder_make_in_state(conf->state, HOME, user, e);
}
