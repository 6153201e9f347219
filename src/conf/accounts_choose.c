/*
 * accounts_choose: see accounts_choose.h.
 */
#include <config.h>

#include "conf/account_from.h"
#include "conf/accounts_choose.h"

#include "base/banned.h"

/* The account that knows SENDER best, of several the first; NULL where none does. */
static struct conf_account *
find_sender(const struct conf_accounts *set, const struct mail_address *sender)
{
	enum conf_account_from best = CONF_ACCOUNT_FROM_UNKNOWN;
	struct conf_account *account, *found = NULL;

	for (size_t i = 0; (account = conf_accounts_at(set, i)) != NULL; i++) {
		enum conf_account_from match = conf_account_from_match(account, sender);

		if (match > best) {
			best = match;
			found = account;
		}
	}
	return found;
}

/* Gives E the names of the accounts as hint. */
static int
hint_names(const struct conf_accounts *set, struct err *e)
{
	struct buf names = BUF_INIT(sizeof e->hint);
	struct conf_account *account;

	for (size_t i = 0; (account = conf_accounts_at(set, i)) != NULL; i++)
		buf_addf(&names, "%s%s", i > 0 ? ", " : "", account->name);
	if (names.len > 0)
		err_hint(e, "choose one with -a: %s", buf_text(&names));
	buf_free(&names);
	return -1;
}

static struct conf_account *
choose_name(const struct conf_accounts *set, struct slice name, struct err *e)
{
	struct conf_account *account = conf_accounts_find(set, name);

	if (account == NULL) {
		(void)conf_accounts_unknown(set, name, e);
		err_prefix(e, "%s", conf_accounts_file(set));
		hint_names(set, e);
	}
	return account;
}

/* Says why none of SET is meant. */
static void
tell_none(const struct conf_accounts *set, const struct mail_address *sender, struct err *e)
{
	const char *file = conf_accounts_file(set);

	if (conf_accounts_at(set, 0) == NULL) {
		err_set(e, EX_CONFIG, "%s: there is no account in it", file);
		err_hint(e, "write one by 'imbuca setup ADDRESS'");
		return;
	}
	if (sender != NULL)
		err_set(e, EX_CONFIG,
		    "%s: no account is called 'default', and none is for this sender", file);
	else
		err_set(e, EX_CONFIG, "%s: no account is called 'default'", file);
	hint_names(set, e);
}

struct conf_account *
conf_accounts_choose(const struct conf_accounts *set, const char *name,
    const struct mail_address *sender, struct err *e)
{
	struct conf_account *account = NULL;

	if (name != NULL)
		return choose_name(set, str_slice(name), e);
	if (sender != NULL)
		account = find_sender(set, sender);
	if (account == NULL)
		account = conf_accounts_find(set, str_slice("default"));
	if (account == NULL && conf_accounts_at(set, 1) == NULL)
		account = conf_accounts_at(set, 0);
	if (account == NULL)
		tell_none(set, sender, e);
	return account;
}
