/*
 * process: what a process of the daemon gives up as it begins: descriptors, privileges, ways out.
 */
#ifndef IMBUCAD_PROCESS_H
#define IMBUCAD_PROCESS_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "imbucad/passwd.h"

/* Closes every descriptor but the standard ones and those of KEEP, COUNT of them, which it sorts.
 */
void imbucad_process_keep(int *keep, size_t count);

/*
 * Becomes USER for good, with USER's groups and, where GROUP is not NULL and there, that one. Never
 * root. -1 with EX_OSERR.
 */
int imbucad_process_become(const struct imbucad_passwd *user, const char *group, struct err *e);

/* No core, no tracing by processes of the same user, no new privileges where STRICT; SIGTERM when
 * PARENT, who has started it, dies or is dead already. Signals are as they are for a new program.
 */
void imbucad_process_settle(bool strict, pid_t parent);

#endif
