/*
 * sandbox: takes from a process what it will never need, so that whoever takes the process over
 * gains nothing by it.
 */
#ifndef IMBUCAD_SANDBOX_H
#define IMBUCAD_SANDBOX_H

#include "base/err.h"

/*
 * For the rest of this process's life: no file is opened or made by its name, no program run, no
 * connection begun; what is open can be used, and connections can be taken. By landlock and
 * seccomp, as far as the system and the build have them. -1 with EX_OSERR where seccomp is built in
 * and refused.
 */
int imbucad_sandbox_enter(struct err *e);

#endif
