/*
 * aliases: see aliases.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "deliver/aliases.h"
#include "mail/address.h"

#include "base/banned.h"

enum { FILE_MAXIMUM = 1 << 20 };

struct row {
	char *name;
	struct mail_address_list targets;
	bool open; /* it is being worked out, and must not come up again below itself */
};

struct deliver_aliases {
	struct row *rows;
	size_t count;
};

static int
no_memory(struct err *e)
{
	return err_set(e, EX_TEMPFAIL, "no memory for the aliases");
}

/* --- reading --- */

static int
add_row(struct deliver_aliases *aliases, struct slice name, struct slice targets, struct err *e)
{
	struct row *grown = realloc(aliases->rows, (aliases->count + 1) * sizeof *grown);
	struct row *row;

	if (grown == NULL)
		return no_memory(e);
	aliases->rows = grown;
	row = &grown[aliases->count++];
	*row = (struct row){.name = strndup(name.ptr, name.len)};
	if (row->name == NULL)
		return no_memory(e);
	if (mail_address_parse_list(&row->targets, targets, e) != 0)
		return -1;
	return row->targets.count > 0 ? 0
				      : err_set(e, EX_CONFIG, "'%s' stands for nobody", row->name);
}

static int
read_line(struct deliver_aliases *aliases, struct slice line, struct err *e)
{
	struct slice rest = line, name;

	rest = str_cut(&rest, '#');
	if (str_trim(rest).len == 0)
		return 0;
	name = str_trim(str_cut(&rest, ':'));
	if (rest.ptr == NULL || name.len == 0)
		return err_set(e, EX_CONFIG, "a line is 'name: address, address'");
	if (str_find_control(name) < name.len)
		return err_set(e, EX_CONFIG, "a name holds a control byte");
	return add_row(aliases, name, rest, e);
}

static int
read_text(struct deliver_aliases *aliases, const char *file, struct slice text, struct err *e)
{
	for (unsigned line = 1; text.ptr != NULL; line++) {
		if (read_line(aliases, str_cut(&text, '\n'), e) == 0)
			continue;
		if (e->ex != EX_TEMPFAIL)
			e->ex = EX_CONFIG;
		return err_prefix(e, "%s:%u", file, line);
	}
	return 0;
}

int
deliver_aliases_load(const char *file, struct deliver_aliases **out, struct err *e)
{
	struct deliver_aliases *aliases = calloc(1, sizeof *aliases);
	struct buf text = BUF_INIT(FILE_MAXIMUM);
	int rc;

	if (aliases == NULL)
		return no_memory(e);
	rc = file_read(file, &text, e);
	if (rc == 0)
		rc = read_text(aliases, file, buf_slice(&text), e);
	else if (e->ex != EX_TEMPFAIL)
		e->ex = EX_CONFIG;
	buf_free(&text);
	if (rc == 0)
		*out = aliases;
	else
		deliver_aliases_free(aliases);
	return rc;
}

void
deliver_aliases_free(struct deliver_aliases *aliases)
{
	if (aliases == NULL)
		return;
	for (size_t i = 0; i < aliases->count; i++) {
		free(aliases->rows[i].name);
		mail_address_list_free(&aliases->rows[i].targets);
	}
	free(aliases->rows);
	free(aliases);
}

/* --- working out --- */

static struct row *
find(struct deliver_aliases *aliases, const char *name)
{
	for (size_t i = 0; i < aliases->count; i++) {
		if (str_is_nocase(str_slice(name), aliases->rows[i].name))
			return &aliases->rows[i];
	}
	return NULL;
}

/* Adds to OUT those whom ADDRESS stands for. It can go no deeper than there are rows. */
static int
add(struct deliver_aliases *aliases, const struct mail_address *address, struct mail_envelope *out,
    struct err *e)
{
	bool local = address->domain[0] == '\0' && !mail_address_is_null(address);
	struct row *row = local ? find(aliases, address->local) : NULL;
	int rc = 0;

	if (row == NULL && local)
		row = find(aliases, "default");
	if (row == NULL || row->open)
		return mail_envelope_add(out, address, e);
	row->open = true;
	for (size_t i = 0; rc >= 0 && i < row->targets.count; i++)
		rc = add(aliases, &row->targets.at[i], out, e);
	row->open = false;
	return rc;
}

int
deliver_aliases_apply(
    struct deliver_aliases *aliases, struct mail_envelope *envelope, struct err *e)
{
	struct mail_envelope before = *envelope;
	int rc = 0;

	envelope->recipients = NULL;
	envelope->count = envelope->capacity = 0;
	for (size_t i = 0; rc >= 0 && i < before.count; i++)
		rc = add(aliases, &before.recipients[i].address, envelope, e);
	before.sender = (struct mail_address){NULL, NULL, NULL};
	mail_envelope_free(&before);
	return rc < 0 ? -1 : 0;
}
