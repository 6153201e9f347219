/*
 * account_settle: makes an account ready for use: the defaults that follow from other values, and
 * whether the values fit together.
 */
#ifndef CONF_ACCOUNT_SETTLE_H
#define CONF_ACCOUNT_SETTLE_H

#include "base/err.h"
#include "conf/account.h"

/*
 * Finds the account's provider, by its keyword, or without a host by the address in from, and fills
 * in what that has: host, port, tls, tls_starttls, user, auth. Then the values that follow from
 * others, and checks that they fit together:
 *   tls           on; off where the host is this machine, and in a file of msmtp's
 *   tls_starttls  on; off on port 465
 *   port          587 with STARTTLS, 465 with TLS from the start, 25 without TLS; in a file of
 *                 msmtp's 25 with STARTTLS too
 *   auth          on where there is a user; in a file of msmtp's off
 *   syslog        off in a file of msmtp's, or where there is a logfile
 * An unknown provider, no host, a login without a user, and a login that only msmtp's default
 * leaves without TLS are EX_CONFIG, with the file and line.
 */
int conf_account_settle(struct conf_account *account, struct err *e);

#endif
