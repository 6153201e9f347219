/*
 * accounts_choose: which of the accounts of a file is meant.
 */
#ifndef CONF_ACCOUNTS_CHOOSE_H
#define CONF_ACCOUNTS_CHOOSE_H

#include "base/err.h"
#include "conf/accounts.h"
#include "mail/address.h"

/*
 * The account that is meant: the one called NAME where NAME is not NULL; else the first with
 * SENDER (NULL: not known) in its `from` list, before the first with a pattern there that SENDER
 * fits (mail_address_match, so that a +detail counts for nothing); else the one called "default";
 * else the only one. It stays the set's. NULL with EX_CONFIG where there is none of them, or none
 * called NAME, with the names that there are as hint.
 */
struct conf_account *conf_accounts_choose(const struct conf_accounts *accounts, const char *name,
    const struct mail_address *sender, struct err *e);

#endif
