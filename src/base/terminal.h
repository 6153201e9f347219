/*
 * terminal: asks the person at the terminal, whatever standard input and output are, and tells one
 * who may be working at another.
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

/*
 * Appends the next line of FD, a terminal, pipe or file, to OUT, without its end; what is behind it
 * is not read. -1 with EX_NOINPUT where there is none, EX_DATAERR where it is too long for OUT,
 * EX_TEMPFAIL at the deadline WITHIN.
 */
int terminal_read_line(int fd, struct deadline within, struct buf *out, struct err *e);

/*
 * Writes QUESTION and appends the line that is typed, which is shown and may be empty, to OUT.
 * Returns as terminal_ask_secret, but for the empty line.
 */
int terminal_ask(const char *question, struct deadline within, struct buf *out, struct err *e);

/*
 * Opens a terminal at which this program's user can be told something: the controlling one, else
 * that of those he is logged in at (utmp) where something was done last. Returns the descriptor,
 * to write to without waiting; -1 where there is none.
 */
int terminal_open_for_words(void);

#endif
