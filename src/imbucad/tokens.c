/*
 * tokens: see tokens.h.
 */
#include <config.h>

#include <stdlib.h>

#include "imbucad/folder.h"
#include "imbucad/tokens.h"

#include "base/banned.h"

int
imbucad_tokens_prepare(
    const struct conf_daemon *conf, const struct imbucad_passwd *user, struct err *e)
{
	if (conf->accounts == NULL || conf->state == NULL)
		return 0;
	return imbucad_folder_make_in_state(conf->state, "tokens", user, e);
}

void
imbucad_tokens_use(const struct conf_daemon *conf)
{
	if (conf->state == NULL)
		return;
	(void)setenv("STATE_DIRECTORY", conf->state, 1);
	(void)unsetenv("XDG_STATE_HOME");
}
