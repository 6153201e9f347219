/*
 * tokens: those of the machine's account (OAuth2) are in the folder `tokens` of the daemon's state,
 * which is its user's and closed to all others. `imbuca login` by root, with $STATE_DIRECTORY set
 * to the state, puts the first there; the processes that send renew them.
 */
#ifndef IMBUCAD_TOKENS_H
#define IMBUCAD_TOKENS_H

#include "base/err.h"
#include "conf/daemon.h"
#include "imbucad/passwd.h"

/* As root: makes the folder, of USER. -1 with EX_CANTCREAT. */
int imbucad_tokens_prepare(
    const struct conf_daemon *conf, const struct imbucad_passwd *user, struct err *e);

/* Lets this process find its tokens there, and nowhere else. */
void imbucad_tokens_use(const struct conf_daemon *conf);

#endif
