/*
 * tell: how the caller hears of what went wrong: as -e has it.
 *
 *	p, or nothing said	on standard error
 *	m	there too; and those that a server refused for good are reported to the sender by
 *		mail, where there is a queue (app/delivery)
 *	e	by mail alone, with exit code 0, where that is safely queued; else as p
 *	w	on the user's terminal; else as p
 *	q	by the exit code alone
 */
#ifndef APP_TELL_H
#define APP_TELL_H

#include "app/options.h"
#include "base/err.h"
#include "base/str.h"

/* Tells TEXT, whole lines. That nobody can read it stops nothing. */
void app_tell(const struct app_options *options, struct slice text);

/* Tells of the error that the program ends with, and what is known of it. Returns the exit code. */
int app_tell_end(const struct app_options *options, const struct err *e);

/* Do OPTIONS want the sender to hear by mail of those that were refused for good? */
bool app_tell_mails(const struct app_options *options);

#endif
