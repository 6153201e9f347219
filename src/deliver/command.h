/*
 * command: delivery to a program, as `|command` of aliases(5) wants it.
 *
 * The command line is parted at blanks, with double or single quotes and backslashes, and run
 * without a shell, with a clean environment (PATH, HOME, USER, SENDER, RECIPIENT, EXTENSION; unsafe
 * bytes in the last three become `_`), the message as its standard input, what it prints thrown
 * away, no other descriptor open, in a process group of its own, which is killed at the time limit.
 * Its exit code is one of sysexits.h: 0 is delivered, 75 and a signal are for now, others for good.
 */
#ifndef DELIVER_COMMAND_H
#define DELIVER_COMMAND_H

#include "base/deadline.h"
#include "base/err.h"
#include "base/str.h"

/* Whom a delivery is for. */
struct deliver_command_context {
	const char *user, *home;
	const char *sender; /* "" for the null one */
	const char *recipient;
	const char *extension; /* the detail of the recipient, "" without one */
};

/*
 * Runs COMMAND for the lines TOP and the whole file on MESSAGE, its CRLFs made LFs. -1 with the
 * reply for the client: 451 4.3.0, 550 5.1.1 (EX_NOUSER), 554 5.3.0.
 */
int deliver_command(const char *command, const struct deliver_command_context *context,
    struct slice top, int message, struct deadline within, struct err *e);

#endif
