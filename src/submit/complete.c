/*
 * complete: see complete.h.
 */
#include <config.h>

#include <string.h>
#include <time.h>

#include "mail/date.h"
#include "mail/header.h"
#include "mail/message_id.h"
#include "submit/complete.h"
#include "submit/identity.h"

#include "base/banned.h"

enum { FIELD_MAX = 8192 };

/* The caller's login name at DOMAIN. */
static int
caller_address(const char *domain, struct mail_address *out, struct err *e)
{
	struct buf text = BUF_INIT(FIELD_MAX);
	int rc;

	submit_identity_login(&text);
	buf_addc(&text, '@');
	buf_adds(&text, domain);
	rc = mail_address_parse(out, buf_slice(&text), e);
	buf_free(&text);
	return rc;
}

static bool
is_pattern(const char *text)
{
	return strpbrk(text, "*?[") != NULL;
}

/* Does a `from` line of ACCOUNT match ADDRESS? */
static bool
owns(const struct conf_account *account, const struct mail_address *address)
{
	for (size_t i = 0; i < account->from.count; i++) {
		if (mail_address_match(address, str_slice(account->from.items[i])))
			return true;
	}
	return false;
}

int
submit_complete_sender(const struct conf_account *account, const struct mail_address *given,
    const struct mail_address *written, const char *domain, struct mail_address *out, struct err *e)
{
	if (given != NULL && account->allow_from_override)
		return mail_address_copy(out, given, e);
	if (written != NULL && owns(account, written))
		return mail_address_copy(out, written, e);
	for (size_t i = 0; i < account->from.count; i++) {
		if (!is_pattern(account->from.items[i]))
			return mail_address_parse(out, str_slice(account->from.items[i]), e);
	}
	if (written != NULL && account->allow_from_override)
		return mail_address_copy(out, written, e);
	return caller_address(domain, out, e);
}

static int
set_from(struct mail_message *message, const struct mail_address *sender, const char *name,
    const char *domain, struct err *e)
{
	struct buf full_name = BUF_INIT(FIELD_MAX), value = BUF_INIT(FIELD_MAX);
	struct mail_address caller = {NULL, NULL, NULL};
	int rc = 0;

	if (mail_address_is_null(sender)) {
		rc = caller_address(domain, &caller, e);
		sender = &caller;
	}
	if (name != NULL)
		buf_adds(&full_name, name);
	else
		submit_identity_full_name(&full_name);
	if (rc == 0)
		mail_header_write_mailbox(&value, buf_slice(&full_name), sender);
	if (full_name.full || value.full)
		rc = err_set(e, EX_DATAERR, "the sender's full name is too long");
	if (rc == 0)
		rc = mail_message_set(message, "From", buf_slice(&value), e);
	mail_address_free(&caller);
	buf_free(&full_name);
	buf_free(&value);
	return rc;
}

static int
add_date(struct mail_message *message, time_t now, struct err *e)
{
	char date[MAIL_DATE_SIZE];

	mail_date_format(date, now);
	return mail_message_append(message, "Date", str_slice(date), e);
}

static int
add_message_id(struct mail_message *message, time_t now, const char *domain, struct err *e)
{
	struct buf id = BUF_INIT(FIELD_MAX);
	int rc = mail_message_id_write(&id, now, domain, e);

	if (rc == 0)
		rc = mail_message_append(message, "Message-ID", buf_slice(&id), e);
	buf_free(&id);
	return rc;
}

/* Is FIELD to be set in MESSAGE, where the account says WHEN? */
static bool
wants(const struct mail_message *message, const char *field, enum conf_account_set when)
{
	return when == CONF_ACCOUNT_SET_ON ||
	       (when == CONF_ACCOUNT_SET_AUTO && mail_message_field(message, field).ptr == NULL);
}

/* Shows the recipients that the account wants shown. */
static int
complete_recipients(struct mail_message *message, const struct conf_account *account, struct err *e)
{
	static const struct slice nobody = STR_LITERAL("undisclosed-recipients:;");

	if (account->undisclosed_recipients)
		return mail_message_remove(message, "Cc", e) == 0
			   ? mail_message_set(message, "To", nobody, e)
			   : -1;
	return account->remove_bcc_headers ? 0 : mail_message_show_bcc(message, e);
}

int
submit_complete_header(struct mail_message *message, const struct conf_account *account,
    const struct mail_address *sender, const char *name, const char *domain, struct err *e)
{
	const char *id_domain = mail_address_is_null(sender) ? domain : sender->domain;
	time_t now = time(NULL);

	if (name == NULL)
		name = account->from_full_name;
	if (wants(message, "From", account->set_from_header) &&
	    set_from(message, sender, name, domain, e) != 0)
		return -1;
	if (wants(message, "Date", account->set_date_header) && add_date(message, now, e) != 0)
		return -1;
	if (wants(message, "Message-ID", account->set_msgid_header) &&
	    add_message_id(message, now, id_domain, e) != 0)
		return -1;
	return complete_recipients(message, account, e);
}
