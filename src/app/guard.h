/*
 * guard: what a program makes sure of before it does anything else.
 */
#ifndef APP_GUARD_H
#define APP_GUARD_H

#include "base/err.h"

/*
 * Refuses to go on in a program that is set-uid or set-gid (EX_CONFIG, with what to do instead);
 * fills the descriptors 0, 1, 2 where the caller closed them, so that no connection or file takes
 * their place (a standard input made so cannot be read); keeps secrets out of core files; lets a
 * write to a closed pipe fail rather than kill. PROGRAM is for the error.
 */
int app_guard(const char *program, struct err *e);

#endif
