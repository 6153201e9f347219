/*
 * config: `imbuca config [ACCOUNT]`: what is in force, and where each value comes from.
 */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "app/account.h"
#include "app/options.h"
#include "base/buf.h"
#include "base/err.h"

/*
 * Appends what is in force in ACCOUNT, a line a keyword: name, value (control bytes escaped,
 * secrets starred, "-" for none), origin; before them the file and the account's name. For
 * --pretend too.
 */
void app_config_write(const struct app_account *account, struct buf *out);

/*
 * Prints the account that OPTIONS and its first operand choose to standard output,
 * as app_config_write; with --json as one object.
 */
int app_config_run(const struct app_options *options, struct err *e);

#endif
