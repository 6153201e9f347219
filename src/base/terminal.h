/*
 * terminal: asks the person at the terminal, whatever standard input and output are.
 */
#ifndef BASE_TERMINAL_H
#define BASE_TERMINAL_H

#include "base/buf.h"
#include "base/deadline.h"
#include "base/err.h"

/*
 * Writes QUESTION on the controlling terminal and appends the line that is typed there, which is
 * not shown, to OUT; the caller wipes it. The terminal is as before whenever a signal ends or stops
 * the program. Returns 1; 0 where there is no terminal, or another job has it; -1 with EX_NOPERM
 * for an empty line or the end of the input, EX_TEMPFAIL at the deadline WITHIN.
 */
int terminal_ask_secret(
    const char *question, struct deadline within, struct buf *out, struct err *e);

#endif
