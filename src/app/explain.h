/*
 * explain: `imbuca explain CODE TEXT...`, or lines on standard input: what a server's reply means,
 * and what to do.
 */
#ifndef APP_EXPLAIN_H
#define APP_EXPLAIN_H

#include "app/options.h"
#include "base/err.h"

/*
 * Prints what the reply in the operands means, or each reply that standard input holds (a log, a
 * bounce, a dialogue), with --json an object a line. An unknown --provider or --stage is EX_USAGE;
 * input without anything to explain EX_DATAERR.
 */
int app_explain_run(const struct app_options *options, struct err *e);

#endif
