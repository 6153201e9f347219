/*
 * header: see header.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conf/account_from.h"
#include "mail/date.h"
#include "mail/header.h"
#include "mail/message_id.h"
#include "submit/complete.h"
#include "submit/header.h"
#include "submit/identity.h"

#include "base/banned.h"

enum { FIELD_MAX = 8192 };

/* --- the fields that every message has --- */

/* Sets FIELD to the mailbox of ADDRESS with the display name NAME. */
static int
set_mailbox(struct mail_message *message, const char *field, struct slice name,
    const struct mail_address *address, struct err *e)
{
	struct buf value = BUF_INIT(FIELD_MAX);
	int rc;

	mail_header_write_mailbox(&value, name, address);
	rc = value.full ? err_set(e, EX_DATAERR, "the sender's full name is too long")
			: mail_message_set(message, field, buf_slice(&value), e);
	buf_free(&value);
	return rc;
}

/* From, by the best name of the sender's that is known. */
static int
set_from(const struct submit_header *h, struct mail_message *message,
    const struct mail_address *address, struct err *e)
{
	const char *name = h->name != NULL ? h->name : h->account->from_full_name;
	struct buf full_name = BUF_INIT(FIELD_MAX);
	int rc;

	if (name != NULL)
		buf_adds(&full_name, name);
	else
		submit_identity_full_name(&full_name);
	rc = full_name.full ? err_set(e, EX_DATAERR, "the sender's full name is too long")
			    : set_mailbox(message, "From", buf_slice(&full_name), address, e);
	buf_free(&full_name);
	return rc;
}

static int
add_from(const struct submit_header *h, struct mail_message *message, struct err *e)
{
	struct mail_address caller = {NULL, NULL, NULL};
	int rc;

	if (!mail_address_is_null(h->sender))
		return set_from(h, message, h->sender, e);
	if (submit_identity_caller(h->domain, &caller, e) != 0)
		return -1;
	rc = set_from(h, message, &caller, e);
	mail_address_free(&caller);
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
add_message_id(
    const struct submit_header *h, struct mail_message *message, time_t now, struct err *e)
{
	const char *domain = mail_address_is_null(h->sender) ? h->domain : h->sender->domain;
	struct buf id = BUF_INIT(FIELD_MAX);
	int rc = mail_message_id_write(&id, now, domain, e);

	if (rc == 0)
		rc = mail_message_append(message, "Message-ID", buf_slice(&id), e);
	buf_free(&id);
	return rc;
}

/* Who used the account: where several do, its owner must be able to tell (RFC 5321 4.4). */
static int
add_received(const struct submit_header *h, struct mail_message *message, time_t now, struct err *e)
{
	enum conf_account_set when = h->account->set_received_header;
	struct buf value = BUF_INIT(FIELD_MAX);
	char date[MAIL_DATE_SIZE], host[NET_NAME_SIZE];
	int rc;

	if (when == CONF_ACCOUNT_SET_OFF || (when == CONF_ACCOUNT_SET_AUTO && !h->shared))
		return 0;
	mail_date_format(date, now);
	net_name_of_host(host);
	buf_addf(&value, "by %s (%s, from userid %lu); %s", host, PACKAGE_NAME,
	    (unsigned long)getuid(), date);
	rc = mail_message_prepend(message, "Received", buf_slice(&value), e);
	buf_free(&value);
	return rc;
}

/* Is FIELD, which is missing, to be set, where the account says WHEN? */
static bool
wants(const struct mail_message *message, const char *field, enum conf_account_set when)
{
	return when != CONF_ACCOUNT_SET_OFF && mail_message_field(message, field).ptr == NULL;
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

/* The first address of the field NAME. False where there is none that can be read. */
static bool
read_field(const struct mail_message *message, const char *name, struct mail_address *out)
{
	struct slice value = mail_message_field(message, name);
	struct mail_address_list list = {NULL, 0};
	struct err ignored;
	bool found = value.ptr != NULL && mail_address_parse_list(&list, value, &ignored) == 0 &&
		     list.count > 0 && mail_address_copy(out, &list.at[0], &ignored) == 0;

	mail_address_list_free(&list);
	return found;
}

/* Does nobody elsewhere know ADDRESS? */
static bool
is_local(const struct submit_header *h, const struct mail_address *address)
{
	for (size_t i = 0; h->domains != NULL && i < h->domains->count; i++) {
		if (str_is_nocase(str_slice(address->domain), h->domains->items[i]))
			return true;
	}
	return submit_identity_is_local(address);
}

/* Notes in *OUT what the field NAME is, where it names somebody of this machine. */
static int
note_local(const struct submit_header *h, const struct mail_message *message, const char *name,
    char **out, struct err *e)
{
	struct slice value = mail_message_field(message, name);
	struct mail_address address;
	bool local;

	if (!read_field(message, name, &address))
		return 0;
	local = is_local(h, &address) && !conf_account_from_match(h->account, &address);
	mail_address_free(&address);
	if (!local)
		return 0;
	*out = strndup(value.ptr, value.len);
	return *out != NULL ? 0 : err_set(e, EX_TEMPFAIL, "no memory for the message's header");
}

int
submit_header_complete(struct submit_header *h, struct mail_message *message, struct err *e)
{
	const struct conf_account *account = h->account;
	time_t now = time(NULL);

	if (note_local(h, message, "From", &h->from, e) != 0 ||
	    note_local(h, message, "Sender", &h->from_sender, e) != 0)
		return -1;
	if (wants(message, "From", account->set_from_header) && add_from(h, message, e) != 0)
		return -1;
	if (wants(message, "Date", account->set_date_header) && add_date(message, now, e) != 0)
		return -1;
	if (wants(message, "Message-ID", account->set_msgid_header) &&
	    add_message_id(h, message, now, e) != 0)
		return -1;
	if (mail_message_qualify(message, h->domain, e) != 0 ||
	    add_received(h, message, now, e) != 0)
		return -1;
	return complete_recipients(message, account, e);
}

/* --- what only a provider needs --- */

/* Keeps VALUE, what the field From was. */
static int
keep_original(
    const struct submit_header *h, struct mail_message *message, struct slice value, struct err *e)
{
	bool answerable = h->from == NULL && mail_message_field(message, "Reply-To").ptr == NULL;
	struct buf line = BUF_INIT(MAIL_MESSAGE_HEADER_MAX);
	int rc;

	mail_header_unfold(&line, value);
	rc = mail_message_append(
	    message, answerable ? "Reply-To" : "X-Original-From", buf_slice(&line), e);
	buf_free(&line);
	return rc;
}

/* Puts OWN in the place of the field NAME, with the display name that is there. */
static int
replace_address(
    struct mail_message *message, const char *name, const struct mail_address *own, struct err *e)
{
	struct mail_address old;
	int rc;

	if (!read_field(message, name, &old))
		return 0;
	rc = set_mailbox(
	    message, name, str_slice(old.display[0] != '\0' ? old.display : old.local), own, e);
	mail_address_free(&old);
	return rc;
}

/* Sets From, which is there, to OWN. */
static int
replace_from(const struct submit_header *h, struct mail_message *message,
    const struct mail_address *own, struct err *e)
{
	struct slice value =
	    h->from != NULL ? str_slice(h->from) : mail_message_field(message, "From");
	struct mail_address old;
	bool same = false;

	if (value.ptr == NULL)
		return set_from(h, message, own, e);
	if (read_field(message, "From", &old)) {
		same = mail_address_equal(&old, own);
		mail_address_free(&old);
	}
	if (!same && keep_original(h, message, value, e) != 0)
		return -1;
	return h->account->set_from_header == CONF_ACCOUNT_SET_ON
		   ? set_from(h, message, own, e)
		   : replace_address(message, "From", own, e);
}

int
submit_header_adapt(struct submit_header *h, struct mail_message *message, struct err *e)
{
	enum conf_account_set when = h->account->set_from_header;
	struct mail_address own = {NULL, NULL, NULL};
	int rc;

	if (when == CONF_ACCOUNT_SET_OFF)
		return 0;
	rc = submit_complete_own(h->account, h->sender, &own, e);
	if (rc == 0 && when == CONF_ACCOUNT_SET_ON && !mail_address_is_null(h->sender))
		rc = mail_address_copy(&own, h->sender, e) == 0 ? 1 : -1;
	if (rc <= 0)
		return rc;
	rc = 0;
	if (when == CONF_ACCOUNT_SET_ON || h->from != NULL)
		rc = replace_from(h, message, &own, e);
	if (rc == 0 && h->from_sender != NULL)
		rc = replace_address(message, "Sender", &own, e);
	mail_address_free(&own);
	return rc;
}

void
submit_header_free(struct submit_header *h)
{
	free(h->from);
	free(h->from_sender);
	h->from = h->from_sender = NULL;
}
