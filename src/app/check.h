/*
 * check: `imbuca check [ACCOUNT | ADDRESS]`: walks the way of a message step by step, says what it
 * finds at each, and explains the first that fails.
 */
#ifndef APP_CHECK_H
#define APP_CHECK_H

#include "app/options.h"
#include "app/report.h"
#include "app/setup_find.h"
#include "base/err.h"
#include "conf/account.h"

/*
 * Checks the account that OPTIONS and its first operand choose, and prints a report. Sends no
 * message unless told by --send. -1, without a message, with the exit code of the first step that
 * failed.
 */
int app_check_run(const struct app_options *options, struct err *e);

/*
 * Checks ACCOUNT, which is settled, into an open report; its waits are cut to what a person waits
 * for. One that no file has was made of SERVER (else NULL): where it has no password, and nobody is
 * there to be asked, that is no failure, and the check ends with what needs no login. 0; -1 with
 * the error of the first step that failed, which was reported.
 */
int app_check_account(const struct app_options *options, struct conf_account *account,
    const struct app_setup_find *server, struct app_report *report, struct err *e);

#endif
