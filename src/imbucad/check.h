/*
 * check: `imbucad check`: tests the configuration, the aliases, the permissions, and says what mail
 * for an address would do. Nothing is delivered.
 */
#ifndef IMBUCAD_CHECK_H
#define IMBUCAD_CHECK_H

#include "conf/daemon.h"

/*
 * Prints what is in force and what is wrong with it, and of each address of ADDRESSES (up to a
 * NULL) where its mail goes. 0, or -1 with EX_CONFIG where something is wrong (said already, as far
 * as it is not the first), EX_CANTCREAT where something cannot be written, EX_NOUSER where an
 * address is nobody's.
 */
int imbucad_check(const struct conf_daemon *conf, const char *const *addresses, struct err *e);

#endif
