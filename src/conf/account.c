/*
 * account: see account.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "conf/account.h"
#include "conf/obsolete.h"

#include "base/banned.h"

static void *
field_of(struct conf_account *account, const struct conf_account_keyword *row)
{
	return (char *)account + row->offset;
}

static const void *
const_field_of(const struct conf_account *account, const struct conf_account_keyword *row)
{
	return (const char *)account + row->offset;
}

/* --- a whole account --- */

struct conf_account *
conf_account_new(struct slice name)
{
	struct conf_account *account = calloc(1, sizeof *account);
	struct err ignored;

	if (account == NULL || (account->name = strndup(name.ptr, name.len)) == NULL)
		goto fail;
	for (const struct conf_account_keyword *row = conf_account_keyword_table; row->name != NULL;
	     row++) {
		if (row->fallback != NULL && conf_kind_parse(row->kind, field_of(account, row),
						 str_slice(row->fallback), &ignored) < 0)
			goto fail;
	}
	return account;
fail:
	conf_account_free(account);
	return NULL;
}

void
conf_account_free(struct conf_account *account)
{
	if (account == NULL)
		return;
	for (const struct conf_account_keyword *row = conf_account_keyword_table; row->name != NULL;
	     row++) {
		row->kind->clear(field_of(account, row));
	}
	conf_kind_text.clear(&account->name);
	free(account);
}

/* Forgets the value of ROW; ORIGIN is why. */
static void
forget(struct conf_account *account, const struct conf_account_keyword *row,
    const struct conf_origin *origin)
{
	row->kind->clear(field_of(account, row));
	account->origins[row - conf_account_keyword_table] = *origin;
}

/* There is one secret: `password` replaces an inherited `passwordeval`, and the other way round. */
static void
forget_rival(struct conf_account *account, const struct conf_account_keyword *row)
{
	static const char *const rivals[][2] = {
	    {"password", "passwordeval"}, {"passwordeval", "password"}};

	for (size_t i = 0; i < sizeof rivals / sizeof rivals[0]; i++) {
		if (strcmp(row->name, rivals[i][0]) == 0)
			forget(account, conf_account_keyword_find(str_slice(rivals[i][1])),
			    &(struct conf_origin){0});
	}
}

int
conf_account_inherit(struct conf_account *account, const struct conf_account *base, struct err *e)
{
	for (const struct conf_account_keyword *row = conf_account_keyword_table; row->name != NULL;
	     row++) {
		if (conf_account_origin(base, row)->kind == CONF_ORIGIN_DEFAULT)
			continue;
		if (!row->kind->copy(field_of(account, row), const_field_of(base, row)))
			return err_set(e, EX_TEMPFAIL, "out of memory");
		account->origins[row - conf_account_keyword_table] =
		    *conf_account_origin(base, row);
		forget_rival(account, row);
	}
	return 0;
}

/* --- one value --- */

int
conf_account_set(struct conf_account *account, const struct conf_account_keyword *row,
    struct slice value, const struct conf_origin *origin, struct err *e)
{
	if (str_find_control(value) < value.len)
		return err_set(e, EX_CONFIG, "the value of '%s' holds a control byte", row->name);
	if (conf_kind_parse(row->kind, field_of(account, row), value, e) < 0)
		return -1;
	account->origins[row - conf_account_keyword_table] = *origin;
	forget_rival(account, row);
	return 0;
}

/* Would VALUE by an option send a stored secret where its owner did not? */
static bool
is_unsafe(
    const struct conf_account *account, const struct conf_account_keyword *row, struct slice value)
{
	const void *field = const_field_of(account, row);
	const char *text;

	switch (row->guard) {
	case CONF_ACCOUNT_GUARD_CHANGE:
		text = *(char *const *)field;
		return text == NULL || !str_is_nocase(value, text);
	case CONF_ACCOUNT_GUARD_OFF:
		return str_is(value, "off") &&
		       (conf_account_origin(account, row)->kind == CONF_ORIGIN_DEFAULT ||
			   *(const bool *)field);
	case CONF_ACCOUNT_GUARD_NONE:
		break;
	}
	return false;
}

static void
void_secrets(struct conf_account *account, const struct conf_origin *option)
{
	static const char *const secrets[] = {
	    "password", "passwordeval", "token_command", "proxy_password"};

	for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
		const struct conf_account_keyword *row =
		    conf_account_keyword_find(str_slice(secrets[i]));

		if (conf_account_origin(account, row)->kind != CONF_ORIGIN_FILE)
			continue;
		forget(account, row, option);
		account->secret_voided_by = option->name;
	}
}

int
conf_account_override(struct conf_account *account, const char *keyword, struct slice value,
    const char *option, struct err *e)
{
	struct conf_origin origin = {CONF_ORIGIN_OPTION, option, 0};
	struct slice name = str_slice(keyword);
	const struct conf_account_keyword *row;
	bool unsafe;

	(void)conf_obsolete_translate(&name, &value);
	row = conf_account_keyword_find(name);
	unsafe = is_unsafe(account, row, value);

	if (conf_account_set(account, row, value, &origin, e) < 0) {
		if (e->ex == EX_CONFIG)
			e->ex = EX_USAGE;
		return err_prefix(e, "option %s", option);
	}
	if (unsafe) {
		account->moved |= row->guard == CONF_ACCOUNT_GUARD_CHANGE;
		account->bared |= row->guard == CONF_ACCOUNT_GUARD_OFF;
		void_secrets(account, &origin);
	}
	return 0;
}

/* --- what it says --- */

bool
conf_account_logs_in(const struct conf_account *account)
{
	return account->auth != NULL && strcmp(account->auth, "off") != 0;
}

const char *
conf_account_mechanism(const struct conf_account *account)
{
	bool any = !conf_account_logs_in(account) || strcmp(account->auth, "on") == 0;

	return any ? NULL : account->auth;
}

const char *
conf_account_provider(const struct conf_account *account)
{
	return account->served_by != NULL ? account->served_by->name : NULL;
}

/* The lower of two limits, of which 0 is none. */
static size_t
lower(size_t a, size_t b)
{
	return a == 0 || (b > 0 && b < a) ? b : a;
}

size_t
conf_account_recipients(const struct conf_account *account)
{
	const struct conf_provider *p = account->served_by;
	bool known = p != NULL && (p->unverified & CONF_PROVIDER_FIELD_RECIPIENTS) == 0;

	return lower(account->max_recipients, known ? p->recipients : 0);
}

size_t
conf_account_connections(const struct conf_account *account)
{
	const struct conf_provider *p = account->served_by;

	return lower(account->connections, p != NULL ? p->connections : 0);
}

void
conf_account_print(
    const struct conf_account *account, const struct conf_account_keyword *row, struct buf *out)
{
	const void *field = const_field_of(account, row);

	if (!row->secret)
		conf_kind_print(row->kind, field, out);
	else if (*(char *const *)field != NULL)
		buf_adds(out, "***");
}

const struct conf_origin *
conf_account_origin(const struct conf_account *account, const struct conf_account_keyword *row)
{
	return &account->origins[row - conf_account_keyword_table];
}
