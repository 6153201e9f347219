/*
 * sender_rule: see sender_rule.h.
 */
#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/i18n.h"
#include "conf/account_from.h"
#include "submit/sender_rule.h"

#include "base/banned.h"

enum { ADDRESS_MAX = 1024 };

/* Is SENDER one that the account says is its own? *KNOWN: does it say any? */
static bool
is_own(const struct conf_account *a, const struct mail_address *sender, bool *known)
{
	const char *const *alias = a->served_by->aliases;

	*known = a->from.count > 0;
	if (conf_account_from_match(a, sender))
		return true;
	if (a->user != NULL && strchr(a->user, '@') != NULL) {
		*known = true;
		if (mail_address_match(sender, str_slice(a->user)))
			return true;
	}
	for (; *alias != NULL; alias++) {
		if (mail_address_match(sender, str_slice(*alias)))
			return true;
	}
	return false;
}

/* Is SENDER of the domain that the user name or the first `from` line has? */
static bool
is_of_domain(const struct conf_account *a, const struct mail_address *sender, bool *known)
{
	const char *at = a->user != NULL ? strrchr(a->user, '@') : NULL;

	if (at == NULL && a->from.count > 0)
		at = strrchr(a->from.items[0], '@');
	*known = at != NULL;
	return at != NULL && strcasecmp(at + 1, sender->domain) == 0;
}

static bool
is_allowed(const struct conf_account *a, const struct mail_address *sender)
{
	bool known = false, fits;

	switch (a->served_by->sender) {
	case CONF_PROVIDER_SENDER_OWN:
	case CONF_PROVIDER_SENDER_REWRITTEN:
		fits = is_own(a, sender, &known);
		break;
	case CONF_PROVIDER_SENDER_DOMAIN:
		fits = is_of_domain(a, sender, &known);
		break;
	default:
		return true;
	}
	return fits || !known;
}

/* Sets E to what would happen: the provider refuses WHO. */
static int
refuse(const struct conf_account *a, const char *who, struct err *e)
{
	if (a->served_by->sender == CONF_PROVIDER_SENDER_DOMAIN)
		(void)err_set(e, EX_NOPERM,
		    "the provider '%s' takes no mail from <%s>, which is not in the account's "
		    "domain",
		    a->served_by->name, who);
	else
		(void)err_set(e, EX_NOPERM,
		    "the provider '%s' takes no mail from <%s>, which is not the account's address",
		    a->served_by->name, who);
	return err_hint(e,
	    "send as the account's own address; where <%s> is an alias that the provider knows, "
	    "add the line 'from %s' to the account",
	    who, who);
}

static void
warn(const struct conf_account *a, const char *who, struct buf *warnings)
{
	if (a->served_by->sender == CONF_PROVIDER_SENDER_REWRITTEN)
		buf_addf(warnings,
		    _("imbuca: warning: '%s' puts the account's address in the place of <%s>, "
		      "unless "
		      "that is a verified alias; if it is, add the line 'from %s'\n"),
		    a->served_by->name, who, who);
	else
		buf_addf(warnings,
		    _("imbuca: warning: '%s' may refuse <%s>, which is not the account's "
		      "address\n"),
		    a->served_by->name, who);
}

int
submit_sender_rule_check(const struct conf_account *account, const struct mail_address *sender,
    struct buf *warnings, struct err *e)
{
	const struct conf_provider *p = account->served_by;
	struct buf who = BUF_INIT(ADDRESS_MAX);
	bool doubted;
	int rc = 0;

	if (!account->by_provider || mail_address_is_null(sender) || is_allowed(account, sender))
		return 0;
	mail_address_write(&who, sender);
	doubted = p->known == CONF_PROVIDER_KNOWN_UNVERIFIED ||
		  (p->unverified & CONF_PROVIDER_FIELD_SENDER) != 0;
	if (doubted || p->sender == CONF_PROVIDER_SENDER_REWRITTEN)
		warn(account, buf_text(&who), warnings);
	else
		rc = refuse(account, buf_text(&who), e);
	buf_free(&who);
	return rc;
}
