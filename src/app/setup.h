/*
 * setup: `imbuca setup ADDRESS`: makes the account for an address.
 */
#ifndef APP_SETUP_H
#define APP_SETUP_H

#include "app/options.h"
#include "base/err.h"

/*
 * Finds the server for the address that is the first operand, asks for the password unless an
 * option says where it is, checks the account and, where that goes well, adds it to the accounts
 * file. With --yes nothing is asked. -1 as app_check_account; EX_CONFIG where there is such an
 * account already, EX_NOHOST where no server was found, EX_NOPERM where the person says no.
 */
int app_setup_run(const struct app_options *options, struct err *e);

#endif
