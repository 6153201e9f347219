/*
 * setup_login: `imbuca setup` for an account that logs in by a token (OAuth2) in place of a
 * password.
 */
#ifndef APP_SETUP_LOGIN_H
#define APP_SETUP_LOGIN_H

#include <stdbool.h>

#include "app/options.h"
#include "app/report.h"
#include "base/err.h"
#include "conf/account.h"
#include "conf/provider.h"

/*
 * Is a token wanted at provider P (may be NULL)? By --auth where that names a mechanism; never with
 * a command for the password; else where P takes nothing else, or takes one from this program
 * without being asked to register it.
 */
bool app_setup_login_is_wanted(const struct app_options *options, const struct conf_provider *p);

/* Reports, where P takes a token and a password is going to be asked for, how ADDRESS gets one. */
void app_setup_login_offer(
    const struct conf_provider *p, const char *address, struct app_report *report);

/*
 * Makes ACCOUNT, which is made and not settled, one that logs in by a token, and settles it; the
 * person is asked for a client identifier that nobody has given. Returns 1; 0 where that is missing
 * and nobody is there to ask; -1 with EX_CONFIG where it lacks something else.
 */
int app_setup_login_prepare(const struct app_options *options, struct conf_account *account,
    struct app_report *report, struct err *e);

/*
 * Logs in, as app_login_get, where a person is there and lets us ask. Returns 1 with a token; 0
 * where nobody is; -1 as app_login_get.
 */
int app_setup_login_run(
    const struct app_options *options, const struct conf_account *account, struct err *e);

#endif
