/*
 * process: runs a command of the user's, or a program that helps us, and takes what it prints.
 */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <signal.h>

#include "base/buf.h"
#include "base/deadline.h"
#include "base/err.h"

enum { PROCESS_SAID_SIZE = 200 };

/* What to run. One of the first two is NULL. */
struct process {
	const char *line;	 /* a command as a person writes one */
	const char *const *argv; /* a program, looked for in PATH, its arguments, and NULL */
	struct slice input;	 /* what it reads on its standard input; else that is empty */

	/* Set by process_run. */
	int status;		      /* its exit status; -1 where it did not come to that */
	char said[PROCESS_SAID_SIZE]; /* the last line of its standard error, escaped */
};

/*
 * Runs P and appends what it writes to its standard output to OUT. What it leaves running when it
 * has ended is not waited for. A line of plain words needs no shell, unless the first is no
 * program's name; any other goes to /bin/sh. What it writes to its standard error nobody sees; the
 * last line of it ends the error of a command that fails.
 *
 * Where we have a terminal, the command has it too, and may ask there; Ctrl-C ends both. Elsewhere
 * it has a session of its own. At the deadline WITHIN, and when a signal comes that ends us (HUP,
 * INT, QUIT, TERM), it is ended with all that it started, before the signal takes effect.
 *
 * -1 with EX_CONFIG where it cannot be started, ends with another status than 0, or prints more
 * than OUT's maximum; EX_TEMPFAIL at the deadline. What stands in OUT then may be part of a secret;
 * the caller wipes it in any case.
 */
int process_run(struct process *p, struct deadline within, struct buf *out, struct err *e);

/*
 * Holds the signals that end us until process_release(BEFORE), for what is not to be done by
 * halves. What process_run runs meanwhile has a session of its own, and five seconds when a signal
 * comes.
 */
void process_hold(sigset_t *before);
void process_release(const sigset_t *before);

/* process_run for a LINE without input. */
int process_capture(const char *line, struct deadline within, struct buf *out, struct err *e);

/*
 * Starts ARGV, as in struct process, and leaves it to itself, with a session of its own and nothing
 * to read or to write to. Returns whether it could be started, though there may be no such program.
 */
bool process_leave(const char *const argv[]);

#endif
