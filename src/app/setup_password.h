/*
 * setup_password: the password of the account that `imbuca setup` makes: asked for, and kept where
 * the person wants it.
 */
#ifndef APP_SETUP_PASSWORD_H
#define APP_SETUP_PASSWORD_H

#include "app/options.h"
#include "app/report.h"
#include "base/err.h"
#include "conf/account.h"

/*
 * Asks for the password of ACCOUNT, unless that has a command for it. -1 with EX_USAGE where nobody
 * can be asked, else as terminal_ask_secret.
 */
int app_setup_password_ask(
    const struct app_options *options, struct conf_account *account, struct err *e);

/*
 * Where there is a keyring, and the person wants it there, the password of ACCOUNT, which is
 * settled, goes into it and is none of the account's any more. One that cannot be kept there stays,
 * which is reported. -1 as terminal_ask.
 */
int app_setup_password_keep(struct conf_account *account, struct app_report *report, struct err *e);

#endif
