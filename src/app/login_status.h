/*
 * login_status: `imbuca login --status`: which accounts have a token, and how long it is good.
 */
#ifndef APP_LOGIN_STATUS_H
#define APP_LOGIN_STATUS_H

#include "app/options.h"
#include "base/err.h"

/*
 * Prints a line for the account that is the first operand, or for each of the file that has to do
 * with tokens; with --json an array. No server is asked. -1 with EX_NOPERM where one of them needs
 * a login.
 */
int app_login_status_run(const struct app_options *options, struct err *e);

#endif
