/*
 * substitute: what stands for %U, %H, %C and %M in an account's `from` and `domain`, as in msmtp.
 */
#ifndef SUBMIT_SUBSTITUTE_H
#define SUBMIT_SUBSTITUTE_H

#include "base/err.h"
#include "conf/account.h"

/*
 * Replaces in `from` and `domain`: %U by $USER, $LOGNAME or the login name; %H by $HOSTNAME or the
 * host's name; %C by the canonical name of %H (a look-up, which takes 30 seconds at most); %M by
 * the first line of /etc/mailname. Any other % stays. With the obsolete `auto_from on`, `from` is
 * %U at `maildomain`. EX_CONFIG where there is no such name, EX_NOHOST and EX_TEMPFAIL for %C.
 */
int submit_substitute(struct conf_account *account, struct err *e);

#endif
