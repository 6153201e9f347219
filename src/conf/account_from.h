/*
 * account_from: the addresses that an account sends as: its `from` lines, each an address or a
 * pattern (mail_address_match).
 */
#ifndef CONF_ACCOUNT_FROM_H
#define CONF_ACCOUNT_FROM_H

#include "conf/account.h"
#include "mail/address.h"

/* How the lines know an address, the better the greater. */
enum conf_account_from {
	CONF_ACCOUNT_FROM_UNKNOWN,
	CONF_ACCOUNT_FROM_PATTERN,
	CONF_ACCOUNT_FROM_ADDRESS,
};

/* How ACCOUNT's lines know ADDRESS best; CONF_ACCOUNT_FROM_UNKNOWN, which is 0, where none does. */
enum conf_account_from conf_account_from_match(
    const struct conf_account *account, const struct mail_address *address);

/* The first of the lines that is no pattern, the account's own; NULL where there is none. */
const char *conf_account_from_first(const struct conf_account *account);

#endif
