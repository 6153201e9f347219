/*
 * user: `imbucad user add NAME`.
 */
#ifndef IMBUCAD_USER_H
#define IMBUCAD_USER_H

#include "base/err.h"
#include "conf/daemon.h"

/*
 * Reads a password, from a terminal twice and unseen, else the first line of standard input, and
 * gives it to NAME in the users file of CONF, which whom the daemon runs as can read. -1 with
 * EX_DATAERR where the two differ or it is no password, else as sasl_users_set_for.
 */
int imbucad_user_add(const struct conf_daemon *conf, const char *name, struct err *e);

#endif
