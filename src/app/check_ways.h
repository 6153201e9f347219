/*
 * check_ways: whether a server answers a certain way.
 */
#ifndef APP_CHECK_WAYS_H
#define APP_CHECK_WAYS_H

#include "base/err.h"
#include "conf/account.h"

/*
 * Does the server of ACCOUNT, settled, answer up to EHLO the way that the account says? Waits no
 * more than some seconds. -1 as a message to it would fail.
 */
int app_check_ways_reach(const struct conf_account *account, struct err *e);

#endif
