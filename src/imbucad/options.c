/*
 * options: see options.h.
 */
#include <config.h>

#include <stddef.h>
#include <string.h>

#include "imbucad/options.h"

#include "base/banned.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct row {
	const char *name;
	const char *argument; /* NULL: takes none */
	int (*set)(
	    struct imbucad_options *o, const struct row *row, const char *value, struct err *e);
	size_t offset; /* set_text, set_flag: of the member of struct imbucad_options */
	const char *help;
};

static int
add_listener(struct imbucad_options *o, const char *where, bool tls, struct err *e)
{
	if (o->listeners_count == COUNT(o->listeners))
		return err_set(e, EX_USAGE, "too many listeners");
	o->listeners[o->listeners_count++] = (struct imbucad_options_listener){where, tls};
	return 0;
}

static int
set_listen(struct imbucad_options *o, const struct row *row, const char *value, struct err *e)
{
	(void)row;
	return add_listener(o, value, false, e);
}

static int
set_listen_tls(struct imbucad_options *o, const struct row *row, const char *value, struct err *e)
{
	(void)row;
	return add_listener(o, value, true, e);
}

/* The string and the flag of a row lie in the options at its offset. */
static int
set_text(struct imbucad_options *o, const struct row *row, const char *value, struct err *e)
{
	(void)e;
	memcpy((char *)o + row->offset, &value, sizeof value);
	return 0;
}

static int
set_flag(struct imbucad_options *o, const struct row *row, const char *value, struct err *e)
{
	const bool yes = true;

	(void)value, (void)e;
	memcpy((char *)o + row->offset, &yes, sizeof yes);
	return 0;
}

/* The name goes into the greeting, the Received field, the certificate, the names of files. */
static int
set_hostname(struct imbucad_options *o, const struct row *row, const char *value, struct err *e)
{
	struct slice name = str_slice(value);

	(void)row;
	if (name.len == 0 || name.len > 64 || str_find_control(name) < name.len ||
	    str_find(name, ' ') < name.len || str_has_8bit(name))
		return err_set(e, EX_USAGE, "'%s' is no host name", value);
	o->hostname = value;
	return 0;
}

static int
set_max_size(struct imbucad_options *o, const struct row *row, const char *value, struct err *e)
{
	(void)row;
	if (!str_number(str_slice(value), 1, INT64_MAX / 4, &o->max_size))
		return err_set(e, EX_USAGE, "'%s' is no size in bytes", value);
	return 0;
}

static int
set_max_sessions(struct imbucad_options *o, const struct row *row, const char *value, struct err *e)
{
	(void)row;
	if (!str_number(str_slice(value), 1, 100000, &o->max_sessions))
		return err_set(e, EX_USAGE, "'%s' is no number of sessions", value);
	return 0;
}

#define MEMBER(name) offsetof(struct imbucad_options, name)

static const struct row rows[] = {
    {"--listen", "ADDRESS[:PORT]", set_listen, 0,
	"wait for SMTP there (127.0.0.1:2525); may be repeated"},
    {"--listen-tls", "ADDRESS[:PORT]", set_listen_tls, 0,
	"the same with TLS from the first byte (2465)"},
    {"--maildir", "DIR", set_text, MEMBER(maildir), "deliver everything into this Maildir"},
    {"--users", "FILE", set_text, MEMBER(users), "let those in FILE log in"},
    {"--require-auth", NULL, set_flag, MEMBER(require_auth), "take mail only after a login"},
    {"--state", "DIR", set_text, MEMBER(state), "where the certificate and its key lie"},
    {"--hostname", "NAME", set_hostname, 0, "what to call this machine"},
    {"--max-size", "BYTES", set_max_size, 0, "the biggest message to take (52428800)"},
    {"--max-sessions", "N", set_max_sessions, 0, "connections at the same time (1000)"},
    {"--log", "FILE", set_text, MEMBER(log),
	"log to FILE (- is standard output) and not to syslog"},
    {"--help", NULL, set_flag, MEMBER(help), "show this"},
    {"--version", NULL, set_flag, MEMBER(version), "show the version"},
};

static const struct row *
find(struct slice name)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (str_is(name, rows[i].name))
			return &rows[i];
	}
	return NULL;
}

/* Takes the option at *ARG, `--name value` or `--name=value`; leaves *ARG at its last word. */
static int
take_option(struct imbucad_options *out, char *const **arg, struct err *e)
{
	struct slice rest = str_slice(**arg);
	const struct row *row = find(str_cut(&rest, '='));
	const char *value = rest.ptr;

	if (row == NULL)
		return err_set(e, EX_USAGE, "unknown option '%s'", **arg);
	if (row->argument == NULL && value != NULL)
		return err_set(e, EX_USAGE, "%s takes no value", row->name);
	if (row->argument != NULL && value == NULL)
		value = *++*arg;
	if (row->argument != NULL && value == NULL)
		return err_set(e, EX_USAGE, "%s wants %s", row->name, row->argument);
	return row->set(out, row, value, e);
}

/* The words that are no options: none, or `user add NAME`. */
static int
take_words(struct imbucad_options *out, const char *const *words, size_t count, struct err *e)
{
	if (count == 0)
		return 0;
	if (count != 3 || strcmp(words[0], "user") != 0 || strcmp(words[1], "add") != 0)
		return err_set(e, EX_USAGE, "the one command is: user add NAME");
	out->add_user = words[2];
	return 0;
}

/* What must be there, and what is taken where nothing is said. */
static int
settle(struct imbucad_options *out, struct err *e)
{
	if (out->help || out->version)
		return 0;
	if (out->add_user != NULL || out->require_auth) {
		if (out->users == NULL)
			return err_set(e, EX_USAGE, "--users FILE is missing");
	}
	if (out->add_user == NULL && out->maildir == NULL)
		return err_set(e, EX_USAGE, "--maildir DIR is missing");
	if (out->listeners_count == 0)
		return add_listener(out, "127.0.0.1", false, e);
	return 0;
}

int
imbucad_options_parse(char *const *argv, struct imbucad_options *out, struct err *e)
{
	const char *words[4];
	size_t count = 0;

	*out = (struct imbucad_options){.max_size = 50 << 20, .max_sessions = 1000};
	for (char *const *arg = argv + 1; *arg != NULL; arg++) {
		if (**arg != '-' && count < COUNT(words))
			words[count++] = *arg;
		else if (take_option(out, &arg, e) == -1)
			return -1;
	}
	if (take_words(out, words, count, e) == -1 || settle(out, e) == -1)
		return err_hint(e, "imbucad --help shows what there is");
	return 0;
}

void
imbucad_options_help(struct buf *out)
{
	buf_adds(out,
	    "imbucad [OPTION...] --maildir DIR      take mail and deliver it there\n"
	    "imbucad --users FILE user add NAME     let NAME log in; reads the password\n\n");
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t before = out->len;

		buf_addf(out, "  %s%s%s", rows[i].name, rows[i].argument != NULL ? " " : "",
		    rows[i].argument != NULL ? rows[i].argument : "");
		buf_addf(out, "%*s%s\n", (int)(before + 32 - out->len), "", rows[i].help);
	}
}
