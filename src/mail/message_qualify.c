/*
 * message_qualify: the part of message.h that gives the names in a header their domain.
 */
#include <config.h>

#include "mail/header.h"
#include "mail/message.h"
#include "mail/message_inside.h"

#include "base/banned.h"

/* The fields that are lists of addresses (RFC 5322 3.6.2, 3.6.3, 3.6.6). */
static const char *const names[] = {
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Resent-From",
    "Resent-Sender",
    "Resent-To",
    "Resent-Cc",
};

static bool
holds_addresses(struct slice name)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (str_is_nocase(name, names[i]))
			return true;
	}
	return false;
}

/* Appends FIELD; what is no list of addresses stays as it is. */
static void
add_field(struct buf *out, const struct mail_header_field *field, const char *domain)
{
	const char *end = field->value.ptr + field->value.len;
	size_t before = out->len;
	struct err ignored;

	if (holds_addresses(field->name)) {
		buf_add_slice(out, str_range(field->raw.ptr, field->value.ptr));
		if (mail_address_parse_qualify(out, field->value, domain, &ignored) == 0) {
			buf_add_slice(out, str_range(end, field->raw.ptr + field->raw.len));
			return;
		}
		buf_truncate(out, before);
	}
	buf_add_slice(out, field->raw);
}

int
mail_message_qualify(struct mail_message *m, const char *domain, struct err *e)
{
	struct buf header = BUF_INIT(m->header.max), folded = BUF_INIT(m->header.max);
	struct slice rest = buf_slice(&m->header);
	struct mail_header_field field;

	while (mail_header_next(&rest, &field))
		add_field(&header, &field, domain);
	(void)mail_header_refold(&folded, buf_slice(&header));
	if (header.full || folded.full) {
		buf_free(&header);
		buf_free(&folded);
		return err_set(e, EX_DATAERR, "the message's header is too long");
	}
	buf_free(&header);
	buf_free(&m->header);
	m->header = folded;
	return 0;
}
