/*
 * mailbox: see mailbox.h.
 */
#include <config.h>

#include <sys/stat.h>

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "deliver/failure.h"
#include "deliver/mailbox.h"
#include "deliver/maildir.h"
#include "deliver/mbox.h"

#include "base/banned.h"

void
deliver_mailbox_path(const char *spec, const char *user, const char *home, struct buf *out)
{
	const char *path = strchr(spec, ':') + 1;

	if (path[0] == '~' && path[1] == '/') {
		buf_adds(out, home);
		path++;
	}
	for (; *path != '\0'; path++) {
		if (path[0] == '%' && path[1] == 'u') {
			buf_adds(out, user);
			path++;
		} else {
			buf_addc(out, *path);
		}
	}
}

/* The folder of DETAIL in the Maildir FOLDER, where somebody has made it: no stranger does so by
 * writing to a name. */
static void
enter_detail(struct buf *folder, const char *detail)
{
	struct buf below = BUF_INIT(PATH_MAXIMUM);
	struct stat st;

	buf_addf(&below, "%s/.%s", buf_text(folder), detail);
	if (detail[0] != '\0' && detail[0] != '.' && strchr(detail, '/') == NULL &&
	    strstr(detail, "..") == NULL && !below.full && lstat(buf_text(&below), &st) == 0 &&
	    S_ISDIR(st.st_mode)) {
		buf_reset(folder);
		buf_add_slice(folder, buf_slice(&below));
	}
	buf_free(&below);
}

static int
into_maildir(
    struct buf *path, const struct deliver_mailbox_params *p, struct buf *place, struct err *e)
{
	enter_detail(path, p->detail);
	return deliver_maildir(buf_text(path), p->host, p->top, p->message, place, e);
}

static int
into_mbox(
    struct buf *path, const struct deliver_mailbox_params *p, struct buf *place, struct err *e)
{
	buf_add_slice(place, buf_slice(path));
	return deliver_mbox(buf_text(path), p->sender, p->top, p->message, e);
}

int
deliver_mailbox(
    const char *spec, const struct deliver_mailbox_params *params, struct buf *place, struct err *e)
{
	static const struct {
		const char *prefix;
		int (*deliver)(struct buf *path, const struct deliver_mailbox_params *p,
		    struct buf *place, struct err *e);
	} kinds[] = {{"maildir:", into_maildir}, {"mbox:", into_mbox}};
	struct buf path = BUF_INIT(PATH_MAXIMUM);
	size_t i = 0;
	int status;

	while (i < sizeof kinds / sizeof kinds[0] &&
	       !str_begins_nocase(str_slice(spec), kinds[i].prefix))
		i++;
	deliver_mailbox_path(spec, params->user, params->home, &path);
	if (i == sizeof kinds / sizeof kinds[0])
		status = deliver_failure(e, EINVAL, "deliver into", spec);
	else if (path.full)
		status = deliver_failure(e, ENAMETOOLONG, "deliver into", spec);
	else
		status = kinds[i].deliver(&path, params, place, e);
	buf_free(&path);
	return status;
}
