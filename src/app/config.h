/*
 * config: `imbuca config [ACCOUNT]`: what is in force, and where each value comes from.
 */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "app/options.h"
#include "base/err.h"

/*
 * Prints the account that OPTIONS and its first operand choose: file, name, and each keyword with
 * its value (secrets starred) and origin; with --json as one object.
 */
int app_config_run(const struct app_options *options, struct err *e);

#endif
