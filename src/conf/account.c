/*
 * account: see account.h.
 */
#include <config.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/log.h"
#include "base/suggest.h"
#include "conf/account.h"

#include "base/banned.h"

/* --- the kinds of value that only an account has --- */

enum { MECHANISM_MAXIMUM = 20 }; /* RFC 4422 3.1 */

/* Kept as "on", "off" or the name of a mechanism in capitals. */
static int
parse_auth(void *field, struct slice value, struct err *e)
{
	char name[MECHANISM_MAXIMUM];
	size_t n = 0;

	if (value.len == 0 || str_is(value, "on"))
		return conf_kind_parse_text(field, str_slice("on"), e);
	if (str_is(value, "off"))
		return conf_kind_parse_text(field, value, e);
	for (; n < value.len && n < sizeof name; n++) {
		unsigned char c = (unsigned char)value.ptr[n];

		if (!isalnum(c) && c != '-' && c != '_')
			break;
		name[n] = (char)toupper(c);
	}
	if (n < value.len)
		return err_set(e, EX_CONFIG, "'%.*s' is neither on, off nor a mechanism's name",
		    STR_ARGS(value));
	return conf_kind_parse_text(field, (struct slice){name, n}, e);
}

static int
parse_bare_cr(void *field, struct slice value, struct err *e)
{
	bool refuse = str_is(value, "refuse");

	if (!refuse && !str_is(value, "accept"))
		return err_set(
		    e, EX_CONFIG, "'%.*s' is neither accept nor refuse", STR_ARGS(value));
	*(enum conf_account_bare_cr *)field =
	    refuse ? CONF_ACCOUNT_BARE_CR_REFUSE : CONF_ACCOUNT_BARE_CR_ACCEPT;
	return 0;
}

static void
print_bare_cr(const void *field, struct buf *out)
{
	bool refuse = *(const enum conf_account_bare_cr *)field == CONF_ACCOUNT_BARE_CR_REFUSE;

	buf_adds(out, refuse ? "refuse" : "accept");
}

static int
parse_syslog(void *field, struct slice value, struct err *e)
{
	int facility = log_facility(value);

	if (value.len == 0 || str_is(value, "on"))
		facility = LOG_USER; /* as in msmtp */
	else if (str_is(value, "off"))
		facility = CONF_ACCOUNT_SYSLOG_OFF;
	else if (facility < 0)
		return err_set(e, EX_CONFIG, "'%.*s' is neither on, off nor a syslog facility",
		    STR_ARGS(value));
	*(int *)field = facility;
	return 0;
}

static void
print_syslog(const void *field, struct buf *out)
{
	const char *name = log_facility_name(*(const int *)field);

	buf_adds(out, name != NULL ? name : "off");
}

/* Each is stored as a text or an int is; its own are what it takes and how it is written. */
static const struct conf_kind kind_auth = {
    parse_auth, conf_kind_print_text, conf_kind_copy_text, conf_kind_clear_text};
static const struct conf_kind kind_bare_cr = {
    parse_bare_cr, print_bare_cr, conf_kind_copy_int, conf_kind_clear_int};
static const struct conf_kind kind_syslog = {
    parse_syslog, print_syslog, conf_kind_copy_int, conf_kind_clear_int};

/* --- the table --- */

#define FIELD(name) offsetof(struct conf_account, name)

const struct conf_account_keyword conf_account_keywords[CONF_ACCOUNT_KEYWORDS] = {
    {"host", &conf_kind_text, FIELD(host), .guard = CONF_ACCOUNT_GUARD_CHANGE,
	.help = "the server: a name or an address"},
    {"port", &conf_kind_port, FIELD(port), .help = "its port"},
    {"tls", &conf_kind_switch, FIELD(tls), .guard = CONF_ACCOUNT_GUARD_OFF, .help = "encrypt"},
    {"tls_starttls", &conf_kind_switch, FIELD(tls_starttls),
	.help = "encrypt by STARTTLS; off: from the first byte"},
    {"tls_trust_file", &conf_kind_file, FIELD(tls_trust_file), .fallback = "system",
	.help = "certificates to trust: a file, or 'system'"},
    {"tls_certcheck", &conf_kind_switch, FIELD(tls_certcheck), .guard = CONF_ACCOUNT_GUARD_OFF,
	.fallback = "on", .help = "check the server's certificate"},
    {"auth", &kind_auth, FIELD(auth), .help = "log in: on, off, or by this mechanism alone"},
    {"user", &conf_kind_text, FIELD(user), .help = "the name to log in with"},
    {"password", &conf_kind_text, FIELD(password), .secret = true, .help = "the password"},
    {"passwordeval", &conf_kind_text, FIELD(passwordeval),
	.help = "a command that prints the password"},
    {"from", &conf_kind_list, FIELD(from), .help = "senders that choose this account"},
    {"domain", &conf_kind_text, FIELD(domain), .help = "what to call ourselves in EHLO"},
    {"timeout", &conf_kind_seconds, FIELD(timeout), .help = "seconds that any one wait may take"},
    {"bare_cr", &kind_bare_cr, FIELD(bare_cr), .fallback = "accept",
	.help = "a CR without LF in a message: accept as a line end, or refuse"},
    {"logfile", &conf_kind_file, FIELD(logfile), .help = "log to this file"},
    {"syslog", &kind_syslog, FIELD(syslog), .help = "log to syslog: on, off or a facility"},
};

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

const struct conf_account_keyword *
conf_account_find(struct slice keyword)
{
	for (size_t i = 0; i < CONF_ACCOUNT_KEYWORDS; i++) {
		if (str_is(keyword, conf_account_keywords[i].name))
			return &conf_account_keywords[i];
	}
	return NULL;
}

const char *
conf_account_nearest(struct slice keyword)
{
	struct suggest s = suggest_for(keyword);

	for (size_t i = 0; i < CONF_ACCOUNT_KEYWORDS; i++)
		suggest_offer(&s, conf_account_keywords[i].name);
	return s.best;
}

/* --- a whole account --- */

struct conf_account *
conf_account_new(struct slice name)
{
	struct conf_account *account = calloc(1, sizeof *account);
	struct err ignored;

	if (account == NULL || (account->name = strndup(name.ptr, name.len)) == NULL)
		goto fail;
	for (size_t i = 0; i < CONF_ACCOUNT_KEYWORDS; i++) {
		const struct conf_account_keyword *row = &conf_account_keywords[i];

		if (row->fallback != NULL && row->kind->parse(field_of(account, row),
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
	for (size_t i = 0; i < CONF_ACCOUNT_KEYWORDS; i++) {
		const struct conf_account_keyword *row = &conf_account_keywords[i];

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
	account->origins[row - conf_account_keywords] = *origin;
}

/* There is one secret: `password` replaces an inherited `passwordeval`, and the other way round. */
static void
forget_rival(struct conf_account *account, const struct conf_account_keyword *row)
{
	static const char *const rivals[][2] = {
	    {"password", "passwordeval"}, {"passwordeval", "password"}};

	for (size_t i = 0; i < sizeof rivals / sizeof rivals[0]; i++) {
		if (strcmp(row->name, rivals[i][0]) == 0)
			forget(account, conf_account_find(str_slice(rivals[i][1])),
			    &(struct conf_origin){0});
	}
}

int
conf_account_inherit(struct conf_account *account, const struct conf_account *base, struct err *e)
{
	for (size_t i = 0; i < CONF_ACCOUNT_KEYWORDS; i++) {
		const struct conf_account_keyword *row = &conf_account_keywords[i];

		if (base->origins[i].kind == CONF_ORIGIN_DEFAULT)
			continue;
		if (!row->kind->copy(field_of(account, row), const_field_of(base, row)))
			return err_set(e, EX_TEMPFAIL, "out of memory");
		account->origins[i] = base->origins[i];
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
	if (row->kind->parse(field_of(account, row), value, e) < 0)
		return -1;
	account->origins[row - conf_account_keywords] = *origin;
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
	static const char *const secrets[] = {"password", "passwordeval"};

	for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
		const struct conf_account_keyword *row = conf_account_find(str_slice(secrets[i]));

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
	const struct conf_account_keyword *row = conf_account_find(str_slice(keyword));
	struct conf_origin origin = {CONF_ORIGIN_OPTION, option, 0};
	bool unsafe = is_unsafe(account, row, value);

	if (conf_account_set(account, row, value, &origin, e) < 0) {
		if (e->ex == EX_CONFIG)
			e->ex = EX_USAGE;
		return err_prefix(e, "option %s", option);
	}
	if (unsafe)
		void_secrets(account, &origin);
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

void
conf_account_print(
    const struct conf_account *account, const struct conf_account_keyword *row, struct buf *out)
{
	const void *field = const_field_of(account, row);

	if (!row->secret)
		row->kind->print(field, out);
	else if (*(char *const *)field != NULL)
		buf_adds(out, "***");
}

const struct conf_origin *
conf_account_origin(const struct conf_account *account, const struct conf_account_keyword *row)
{
	return &account->origins[row - conf_account_keywords];
}
