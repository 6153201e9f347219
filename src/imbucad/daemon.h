/*
 * daemon: from the options to the loop: names, certificate, listeners.
 */
#ifndef IMBUCAD_DAEMON_H
#define IMBUCAD_DAEMON_H

#include "base/err.h"
#include "imbucad/options.h"

/*
 * Runs until SIGTERM or SIGINT. When it listens it says so on standard output, a line a listener
 * ("smtp 127.0.0.1:2525", "smtps [::1]:2465"), and then "ready". -1 where it cannot begin.
 */
int imbucad_daemon_run(const struct imbucad_options *options, struct err *e);

#endif
