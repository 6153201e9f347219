/*
 * process: runs a command of the user's and takes what it prints.
 */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include "base/buf.h"
#include "base/deadline.h"
#include "base/err.h"

/*
 * Runs COMMAND, a line for /bin/sh, with no standard input, and appends what it writes to its
 * standard output to OUT. Its standard error is ours, so that its own words reach the person. What
 * it leaves running when it has ended is not waited for.
 *
 * Where we have a terminal, the command has it too, and may ask there; Ctrl-C ends both. Elsewhere
 * it has a session of its own, and at the deadline WITHIN it is killed with all that it started.
 *
 * -1 with EX_CONFIG where it cannot be started, ends with another status than 0, or prints more
 * than OUT's maximum; EX_TEMPFAIL at the deadline. What stands in OUT then may be part of a secret;
 * the caller wipes it in any case.
 */
int process_capture(const char *command, struct deadline within, struct buf *out, struct err *e);

/*
 * As process_capture for a program that nobody named and that need not be there: ARGV, whose first
 * is looked for in PATH and whose last is NULL. No shell sees the arguments, and nobody what it
 * writes to its standard error.
 */
int process_capture_argv(
    const char *const argv[], struct deadline within, struct buf *out, struct err *e);

#endif
