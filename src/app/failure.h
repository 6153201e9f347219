/*
 * failure: what a person is told of a failure: a line with what failed, the code and the server's
 * words; below it the cause, what to do, the page to open and the line of the accounts file that it
 * hangs on. cron mails what is on standard error: only on a terminal is it coloured, and broken to
 * fit.
 */
#ifndef APP_FAILURE_H
#define APP_FAILURE_H

#include "base/buf.h"
#include "base/err.h"
#include "conf/account.h"

/* Completes E, a failure on ACCOUNT's way, by what the tables know of it. Returns -1. */
int app_failure_explain(const struct conf_account *account, struct err *e);

/* What to do about it, in the reader's language: its hint, which knows more; else the remedy that
 * it has. "" where there is neither. E's own, or constant. */
const char *app_failure_remedy(const struct err *e);

/* Appends what a person reads of it, as said by PROGRAM, for standard error. */
void app_failure_write(const char *program, const struct err *e, struct buf *out);

/* Tells on standard error, as PROGRAM, how it failed. Returns the exit code for that. */
int app_failure_tell(const char *program, const struct err *e);

#endif
