/*
 * user: `imbucad user add NAME`.
 */
#ifndef IMBUCAD_USER_H
#define IMBUCAD_USER_H

#include "base/err.h"

/*
 * Reads a password, from a terminal twice and unseen, else the first line of standard input, and
 * gives it to NAME in the users file FILE. -1 with EX_DATAERR where the two differ or it is no
 * password, else as sasl_users_set.
 */
int imbucad_user_add(const char *file, const char *name, struct err *e);

#endif
