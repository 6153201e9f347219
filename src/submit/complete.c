/*
 * complete: see complete.h.
 */
#include <config.h>

#include <string.h>

#include "conf/account_from.h"
#include "submit/complete.h"
#include "submit/identity.h"

#include "base/banned.h"

int
submit_complete_own(const struct conf_account *account, const struct mail_address *preferred,
    struct mail_address *out, struct err *e)
{
	const char *first = conf_account_from_first(account);

	if (preferred != NULL && conf_account_from_match(account, preferred))
		return mail_address_copy(out, preferred, e) == 0 ? 1 : -1;
	if (first == NULL)
		return 0;
	return mail_address_parse(out, str_slice(first), e) == 0 ? 1 : -1;
}

int
submit_complete_own_address(
    const struct conf_account *account, struct mail_address *out, struct err *e)
{
	int rc = submit_complete_own(account, NULL, out, e);

	if (rc != 0 || account->user == NULL || strchr(account->user, '@') == NULL)
		return rc;
	return mail_address_parse(out, str_slice(account->user), e) == 0 ? 1 : -1;
}

/* Can the account's server know ADDRESS, if one of its own is to be had? */
static bool
is_for_server(const struct conf_account *account, const struct mail_address *address)
{
	return !submit_identity_is_local(address) || conf_account_from_match(account, address);
}

int
submit_complete_sender(const struct conf_account *account, const struct mail_address *given,
    const struct mail_address *written, const char *domain, struct mail_address *out, struct err *e)
{
	int own;

	if (given != NULL && account->allow_from_override && is_for_server(account, given))
		return mail_address_copy(out, given, e);
	own = submit_complete_own(account, written, out, e);
	if (own != 0)
		return own > 0 ? 0 : -1;
	if (given == NULL)
		given = written;
	if (given == NULL || !account->allow_from_override)
		return submit_identity_caller(domain, out, e);
	if (mail_address_copy(out, given, e) != 0)
		return -1;
	return submit_identity_qualify(out, domain, e);
}

/* Notes how RECIPIENT was written. One that is too long for a note goes without. */
static int
note_original(struct mail_envelope_recipient *recipient, const char *domain, struct err *e)
{
	struct mail_address whole;
	char text[MAIL_DSN_ORCPT_SIZE];
	int rc = mail_address_copy(&whole, &recipient->address, e);

	if (rc == 0)
		rc = submit_identity_qualify(&whole, domain, e);
	if (rc == 0 && mail_dsn_orcpt_of(&whole, text) && (recipient->orcpt = strdup(text)) == NULL)
		rc = err_set(e, EX_TEMPFAIL, "no memory for a recipient");
	mail_address_free(&whole);
	return rc;
}

int
submit_complete_reports(struct mail_envelope *envelope, const struct conf_account *account,
    const char *domain, struct err *e)
{
	if (envelope->ret == MAIL_DSN_RET_UNSAID)
		envelope->ret = account->dsn_return;
	for (size_t i = 0; i < envelope->count; i++) {
		struct mail_envelope_recipient *recipient = &envelope->recipients[i];
		bool may_change = account->aliases != NULL && recipient->address.domain[0] == '\0';

		if (recipient->notify == 0)
			recipient->notify = account->dsn_notify;
		if ((recipient->notify != 0 || may_change) && recipient->orcpt == NULL &&
		    note_original(recipient, domain, e) != 0)
			return -1;
	}
	return 0;
}
