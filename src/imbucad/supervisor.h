/*
 * supervisor: the process that stays what it was started as, root among others. It opens the
 * listeners, starts the other processes, starts them again when they die, and ends them in their
 * order. It reads nothing that comes from outside but one kind of question of the spool's: the name
 * of the user as whom a delivery process is to be started.
 */
#ifndef IMBUCAD_SUPERVISOR_H
#define IMBUCAD_SUPERVISOR_H

#include "base/err.h"
#include "imbucad/options.h"

/*
 * Runs until SIGTERM or SIGINT; SIGHUP reads the configuration once more. When it listens it says
 * so on standard output, a line a listener ("smtp 127.0.0.1:2525", "smtps [::1]:2465"), and then
 * "ready". -1 where it cannot begin.
 */
int imbucad_supervisor_run(const struct imbucad_options *options, struct err *e);

#endif
