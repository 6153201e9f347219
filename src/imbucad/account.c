/*
 * account: see account.h.
 */
#include <config.h>

#include <string.h>

#include "conf/account_from.h"
#include "conf/account_settle.h"
#include "conf/accounts_choose.h"
#include "imbucad/account.h"
#include "submit/complete.h"
#include "submit/header.h"
#include "submit/substitute.h"

#include "base/banned.h"

/* Where the account does not say what to call this machine, the configuration does. */
static int
name_machine(const struct conf_daemon *conf, struct conf_account *account, struct err *e)
{
	if (account->domain != NULL)
		return 0;
	account->domain = strdup(conf->hostname);
	return account->domain != NULL ? 0 : err_set(e, EX_TEMPFAIL, "out of memory");
}

struct conf_account *
imbucad_account_load(const struct conf_daemon *conf, struct conf_accounts **accounts, struct err *e)
{
	struct conf_account *account;

	if (conf_accounts_load(conf->accounts, accounts, e) == -1)
		return NULL;
	account = conf_accounts_choose(*accounts, conf->account, NULL, e);
	if (account != NULL && submit_substitute(account, e) == 0 &&
	    conf_account_settle(account, e) == 0 && name_machine(conf, account, e) == 0)
		return account;
	conf_accounts_free(*accounts);
	*accounts = NULL;
	return NULL;
}

bool
imbucad_account_is_ours(const struct conf_daemon *conf, const struct mail_address *address)
{
	if (address->domain[0] == '\0' && !mail_address_is_null(address))
		return true;
	for (size_t i = 0; i < conf->domains.count; i++) {
		if (str_is_nocase(str_slice(address->domain), conf->domains.items[i]))
			return true;
	}
	return false;
}

/* The address in the message's From, where it can be read; else no value. */
static bool
find_written(const struct mail_message *message, struct mail_address *out)
{
	struct slice from = mail_message_field(message, "From");
	struct err ignored = ERR_INIT;

	return from.ptr != NULL && mail_address_parse(out, from, &ignored) == 0;
}

/* The account's sender in the place of one that only this machine knows (root@pi). */
static int
map_sender(const struct conf_daemon *conf, const struct conf_account *account,
    const struct mail_message *message, struct mail_envelope *envelope, struct err *e)
{
	const struct mail_address *given = &envelope->sender;
	struct mail_address written, sender;
	bool has_written = find_written(message, &written);
	int status;

	if (mail_address_is_null(given)) {
		status = 0;
	} else {
		if (imbucad_account_is_ours(conf, given) &&
		    !conf_account_from_match(account, given))
			given = NULL;
		status = submit_complete_sender(
		    account, given, has_written ? &written : NULL, conf->hostname, &sender, e);
		if (status == 0) {
			status = mail_envelope_set_sender(envelope, &sender, e);
			mail_address_free(&sender);
		}
	}
	if (has_written)
		mail_address_free(&written);
	return status;
}

static int
map_header(const struct conf_daemon *conf, const struct conf_account *account,
    struct mail_message *message, const struct mail_envelope *envelope, struct err *e)
{
	struct submit_header header = {.account = account,
	    .sender = &envelope->sender,
	    .domain = conf->hostname,
	    .domains = &conf->domains};
	int status = submit_header_complete(&header, message, e);

	if (status == 0)
		status = submit_header_adapt(&header, message, e);
	submit_header_free(&header);
	return status;
}

int
imbucad_account_adapt(const struct conf_daemon *conf, const struct conf_account *account,
    struct mail_message *message, struct mail_envelope *envelope, struct err *e)
{
	if (map_sender(conf, account, message, envelope, e) == -1)
		return -1;
	return map_header(conf, account, message, envelope, e);
}
