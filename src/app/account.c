/*
 * account: see account.h.
 */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "app/account.h"
#include "conf/account_settle.h"
#include "conf/accounts_choose.h"
#include "conf/provider_file.h"
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

bool
app_account_is_named(const struct app_options *options)
{
	return options->account != NULL || is_made_of_options(options, NULL);
}

static int
make(struct app_account *out, struct err *e)
{
	out->account = out->made = conf_account_new(str_slice(""));
	return out->made != NULL ? 0 : err_set(e, EX_TEMPFAIL, "out of memory");
}

/* Is FILE one of the system's configuration? */
static bool
is_system(const char *file)
{
	return strncmp(file, SYSCONFDIR "/", sizeof SYSCONFDIR) == 0;
}

/* Does the account's `from` have to be completed, to be compared with an address? */
static bool
has_pattern(const struct conf_account *account)
{
	for (size_t i = 0; i < account->from.count; i++) {
		if (strchr(account->from.items[i], '%') != NULL)
			return true;
	}
	return account->auto_from;
}

/* Completes each `from`. Where one cannot be, that is an error of the account that is chosen. */
static void
complete_senders(const struct conf_accounts *accounts)
{
	struct conf_account *account;
	struct err ignored;

	for (size_t i = 0; (account = conf_accounts_at(accounts, i)) != NULL; i++) {
		if (has_pattern(account))
			(void)submit_substitute(account, &ignored);
	}
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
	if (conf_accounts_load(options->file, &out->accounts, e) == 0) {
		if (name == NULL && sender != NULL)
			complete_senders(out->accounts);
		out->account = conf_accounts_choose(out->accounts, name, sender, e);
		out->shared = is_system(conf_accounts_file(out->accounts));
	}
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
	bool withheld, missing, unmatched;
	int found;

	*out = (struct app_account){0};
	if (name == NULL)
		name = options->account;
	found = is_made_of_options(options, name) ? make(out, e)
						  : choose(out, options, name, sender, e);
	if (found == 0 && override(out->account, options, e) == 0 &&
	    submit_substitute(out->account, e) == 0 && conf_account_settle(out->account, e) == 0)
		return 0;
	withheld = out->account == NULL && e->ex == EX_NOPERM;
	missing = withheld || (out->account == NULL && e->ex == EX_NOINPUT);
	unmatched = out->account == NULL && out->accounts != NULL;
	app_account_free(out);
	out->missing = missing;
	out->withheld = withheld;
	out->unmatched = unmatched;
	if (missing)
		e->ex = EX_CONFIG;
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
	conf_provider_file_free(account->providers);
	*account = (struct app_account){0};
}
