/*
 * tokens: see tokens.h.
 */
#include <config.h>

#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "imbucad/folder.h"
#include "imbucad/tokens.h"

#include "base/banned.h"

/* Others may pass through the state to what is theirs in it. */
static int
open_state(const char *state, struct err *e)
{
	struct stat st;

	if (file_make_folders(state, 0755, e) == -1)
		return -1;
	if (stat(state, &st) == -1 ||
	    ((st.st_mode & S_IXOTH) == 0 && chmod(state, (st.st_mode & 07777) | 0011) == -1))
		return err_set_errno(e, EX_CANTCREAT, errno, "cannot open '%s' to others", state);
	return 0;
}

int
imbucad_tokens_prepare(
    const struct conf_daemon *conf, const struct imbucad_passwd *user, struct err *e)
{
	struct buf folder = BUF_INIT(PATH_MAXIMUM);
	int status;

	if (conf->accounts == NULL || conf->state == NULL)
		return 0;
	buf_addf(&folder, "%s/tokens", conf->state);
	status = open_state(conf->state, e);
	if (status == 0)
		status = imbucad_folder_make(buf_text(&folder), user, e);
	buf_free(&folder);
	return status;
}

void
imbucad_tokens_use(const struct conf_daemon *conf)
{
	if (conf->state == NULL)
		return;
	(void)setenv("STATE_DIRECTORY", conf->state, 1);
	(void)unsetenv("XDG_STATE_HOME");
}
