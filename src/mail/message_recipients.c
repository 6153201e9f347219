/*
 * message_recipients: the part of message.h that finds out whom a header names.
 */
#include <config.h>

#include "mail/header.h"
#include "mail/message.h"
#include "mail/message_inside.h"

#include "base/banned.h"

/* The fields that name recipients; of each row, the second is for a message that is sent again. */
static const char *const names[][2] = {
    {"To", "Resent-To"},
    {"Cc", "Resent-Cc"},
    {"Bcc", "Resent-Bcc"},
};

static bool
names_recipients(struct slice name, bool resent)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (str_is_nocase(name, names[i][resent]))
			return true;
	}
	return false;
}

static bool
has_resent(struct slice fields)
{
	struct mail_header_field field;

	while (mail_header_next(&fields, &field)) {
		if (str_begins_nocase(field.name, "Resent-"))
			return true;
	}
	return false;
}

static int
add_field(const struct mail_header_field *field, struct mail_envelope *envelope, struct err *e)
{
	struct mail_address_list list = {NULL, 0};
	int result = mail_address_parse_list(&list, field->value, e);

	if (result == 0)
		result = mail_envelope_add_list(envelope, &list, e);
	mail_address_list_free(&list);
	if (result != 0)
		return err_prefix(e, "the field '%.*s'", STR_ARGS(field->name));
	return 0;
}

int
mail_message_recipients(const struct mail_message *m, struct mail_envelope *envelope, struct err *e)
{
	struct slice parts[] = {buf_slice(&m->header), buf_slice(&m->hidden)};
	bool resent = has_resent(parts[0]) || has_resent(parts[1]);
	struct mail_header_field field;
	struct err further = ERR_INIT;
	int rc = 0;

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		while (mail_header_next(&parts[i], &field)) {
			if (names_recipients(field.name, resent) &&
			    add_field(&field, envelope, rc == 0 ? e : &further) != 0)
				rc = -1;
		}
	}
	return rc;
}
