/*
 * message_fit_header: the part of message.h that writes a header in ASCII where that says the same.
 */
#include <config.h>

#include "mail/address.h"
#include "mail/header.h"
#include "mail/message.h"
#include "mail/message_inside.h"

#include "base/banned.h"

/* Fields that are text (RFC 5322 2.2.1), as any X- field is. */
static const char *const texts[] = {
    "Subject", "Comments", "Content-Description", "Organization", "Thread-Topic"};

/* Fields that are addresses with names beside them. */
static const char *const addresses[] = {
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Bcc",
    "Resent-From",
    "Resent-Sender",
    "Resent-To",
    "Resent-Cc",
    "Resent-Bcc",
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static bool
is_one_of(struct slice name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (str_is_nocase(name, names[i]))
			return true;
	}
	return false;
}

/* Writes VALUE, unless it holds encoded words already: those are not encoded once more. */
static bool
write_text(struct slice value, struct buf *out)
{
	struct buf line = BUF_INIT(MAIL_MESSAGE_HEADER_MAX);
	bool mixed = false;

	mail_header_unfold(&line, value);
	for (struct slice rest = buf_slice(&line); rest.len > 1; rest.ptr++, rest.len--)
		mixed = mixed || (rest.ptr[0] == '=' && rest.ptr[1] == '?');
	if (!mixed)
		mail_header_encode_text(out, buf_slice(&line));
	buf_free(&line);
	return !mixed;
}

/*
 * Writes VALUE, a list of addresses whose names alone are not ASCII. A group stays as it is: its
 * name would get lost.
 */
static bool
write_addresses(struct slice value, struct buf *out)
{
	struct mail_address_list list = {NULL, 0};
	struct err ignored;
	bool ok = str_find(value, ':') == value.len &&
		  mail_address_parse_list(&list, value, &ignored) == 0 && list.count > 0;

	for (size_t i = 0; i < list.count && ok; i++) {
		if (i > 0)
			buf_adds(out, ", ");
		mail_header_write_mailbox(out, str_slice(list.at[i].display), &list.at[i]);
		ok = !mail_address_is_utf8(&list.at[i]);
	}
	mail_address_list_free(&list);
	return ok;
}

/* The value of FIELD in ASCII. False where there is no way. */
static bool
write_value(const struct mail_header_field *field, struct buf *out)
{
	if (is_one_of(field->name, texts, COUNT(texts)) || str_begins_nocase(field->name, "X-"))
		return write_text(field->value, out);
	return is_one_of(field->name, addresses, COUNT(addresses)) &&
	       write_addresses(field->value, out);
}

static void
add_field(struct buf *header, const struct mail_header_field *field)
{
	struct buf value = BUF_INIT(MAIL_MESSAGE_HEADER_MAX), name = BUF_INIT(MAIL_HEADER_LINE_MAX);
	struct err ignored;
	bool ok = str_has_8bit(field->raw) && str_is_utf8(field->raw) &&
		  write_value(field, &value) && !value.full;

	buf_add_slice(&name, field->name);
	if (!ok || mail_header_write(header, buf_text(&name), buf_slice(&value), &ignored) != 0)
		buf_add_slice(header, field->raw);
	buf_free(&name);
	buf_free(&value);
}

int
mail_message_fit_header(struct mail_message *m, struct err *e)
{
	struct buf header = BUF_INIT(m->header.max);
	struct slice rest = buf_slice(&m->header);
	struct mail_header_field field;

	if (!str_has_8bit(rest) || mail_message_fit_is_sealed(m))
		return 0;
	while (mail_header_next(&rest, &field))
		add_field(&header, &field);
	return mail_message_replace_header(m, &header, e);
}
