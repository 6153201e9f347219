/*
 * check_find: the account that `imbuca check` is to check: one of the accounts file, or one made of
 * what is known of an address's provider.
 */
#ifndef APP_CHECK_FIND_H
#define APP_CHECK_FIND_H

#include "app/account.h"
#include "app/options.h"
#include "app/report.h"
#include "app/setup_find.h"
#include "base/err.h"

/*
 * Finds the account that the first operand of OPTIONS names, by its name or by the address that it
 * is for, and reports which it is. For an address that no account's `from` has, one is made of
 * SERVER, which is its provider's; where that is not known, it is the account that mail from the
 * address would go through, if there is one. SERVER's host is "" where the account is of a file.
 * app_account_free frees ACCOUNT; an error leaves nothing to free. -1 as app_account_find, and as
 * app_setup_find_server.
 */
int app_check_find(const struct app_options *options, struct app_report *report,
    struct app_account *account, struct app_setup_find *server, struct err *e);

#endif
