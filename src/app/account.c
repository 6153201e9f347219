/*
 * account: see account.h.
 */
#include <config.h>

#include <stdio.h>

#include "app/account.h"
#include "conf/account_settle.h"
#include "conf/accounts_choose.h"
#include "submit/substitute.h"

#include "base/banned.h"

/* Does an option name the host, but none an account? Then the options are all there is. */
static bool
is_made_of_options(const struct app_options *options, const char *name)
{
	for (size_t i = 0; i < options->override_count && name == NULL; i++) {
		if (str_is(str_slice("host"), options->overrides[i].keyword))
			return true;
	}
	return false;
}

static int
make(struct app_account *out, struct err *e)
{
	out->account = out->made = conf_account_new(str_slice(""));
	return out->made != NULL ? 0 : err_set(e, EX_TEMPFAIL, "out of memory");
}

/* The account of the file for NAME, or for the sender that OPTIONS say. */
static int
choose(struct app_account *out, const struct app_options *options, const char *name,
    const struct mail_address *sender, struct err *e)
{
	struct mail_address said = {0};

	if (sender == NULL && options->sender != NULL && options->sender[0] != '\0') {
		if (mail_address_parse(&said, str_slice(options->sender), e) < 0)
			return err_prefix(e, "option -f");
		sender = &said;
	}
	if (conf_accounts_load(options->file, &out->accounts, e) == 0)
		out->account = conf_accounts_choose(out->accounts, name, sender, e);
	mail_address_free(&said);
	return out->account != NULL ? 0 : -1;
}

static int
override(struct conf_account *account, const struct app_options *options, struct err *e)
{
	for (size_t i = 0; i < options->override_count; i++) {
		const struct app_options_override *o = &options->overrides[i];

		if (conf_account_override(account, o->keyword, str_slice(o->value), o->option, e) <
		    0)
			return -1;
	}
	return 0;
}

int
app_account_find(struct app_account *out, const struct app_options *options, const char *name,
    const struct mail_address *sender, struct err *e)
{
	int found;

	*out = (struct app_account){0};
	if (name == NULL)
		name = options->account;
	found = is_made_of_options(options, name) ? make(out, e)
						  : choose(out, options, name, sender, e);
	if (found == 0 && override(out->account, options, e) == 0 &&
	    submit_substitute(out->account, e) == 0 && conf_account_settle(out->account, e) == 0)
		return 0;
	app_account_free(out);
	return -1;
}

void
app_account_warn(const struct app_account *account)
{
	if (account->accounts != NULL)
		(void)fputs(conf_accounts_warnings(account->accounts), stderr);
}

void
app_account_free(struct app_account *account)
{
	conf_accounts_free(account->accounts);
	conf_account_free(account->made);
	*account = (struct app_account){0};
}
