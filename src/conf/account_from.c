/*
 * account_from: see account_from.h.
 */
#include <config.h>

#include <string.h>

#include "conf/account_from.h"

#include "base/banned.h"

static bool
is_pattern(const char *line)
{
	return strpbrk(line, "*?") != NULL;
}

enum conf_account_from
conf_account_from_match(const struct conf_account *account, const struct mail_address *address)
{
	enum conf_account_from best = CONF_ACCOUNT_FROM_UNKNOWN;

	for (size_t i = 0; i < account->from.count; i++) {
		const char *line = account->from.items[i];

		if (!mail_address_match(address, str_slice(line)))
			continue;
		if (!is_pattern(line))
			return CONF_ACCOUNT_FROM_ADDRESS;
		best = CONF_ACCOUNT_FROM_PATTERN;
	}
	return best;
}

const char *
conf_account_from_first(const struct conf_account *account)
{
	for (size_t i = 0; i < account->from.count; i++) {
		if (!is_pattern(account->from.items[i]))
			return account->from.items[i];
	}
	return NULL;
}
