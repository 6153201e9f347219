/*
 * options: see options.h.
 */
#include <config.h>

#include <string.h>
#include <unistd.h>

#include "imbucad/options.h"

#include "base/banned.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define CONFIG_FILE  SYSCONFDIR "/imbuca/imbucad.conf"

enum { VALUE_MAXIMUM = 8192 };

/* --- the options --- */

/* A row sets a keyword of imbucad.conf, or has a function of its own. */
struct row {
	const char *name;
	const char *argument; /* NULL: takes none */
	const char *keyword, *suffix;
	void (*set)(struct imbucad_options *o, const char *value);
	const char *help;
};

static void
set_file(struct imbucad_options *o, const char *value)
{
	o->file = value;
}

static void
set_help(struct imbucad_options *o, const char *value)
{
	(void)value;
	o->action = IMBUCAD_OPTIONS_HELP;
}

static void
set_version(struct imbucad_options *o, const char *value)
{
	(void)value;
	o->action = IMBUCAD_OPTIONS_VERSION;
}

static const struct row rows[] = {
    {"-C", "FILE", NULL, NULL, set_file, "read FILE and not " CONFIG_FILE},
    {"--listen", "ADDRESS[:PORT]", "listen", "", NULL, "wait for SMTP there; may be repeated"},
    {"--listen-tls", "ADDRESS[:PORT]", "listen", " tls", NULL,
	"the same with TLS from the first byte"},
    {"--maildir", "DIR", "catch_all", "", NULL,
	"deliver everything into this Maildir, and read no file"},
    {"--users", "FILE", "users", "", NULL, "let those in FILE log in"},
    {"--require-auth", NULL, "require_auth", "", NULL, "take mail only after a login"},
    {"--state", "DIR", "state", "", NULL, "where the certificate and its key lie"},
    {"--hostname", "NAME", "hostname", "", NULL, "what to call this machine"},
    {"--max-size", "BYTES", "max_size", "", NULL, "the biggest message to take (50M)"},
    {"--max-sessions", "N", "max_sessions", "", NULL, "connections at the same time (1000)"},
    {"--log", "FILE", "log", "", NULL, "log to FILE (- is standard output) and not to syslog"},
    {"--help", NULL, NULL, NULL, set_help, "show this"},
    {"--version", NULL, NULL, NULL, set_version, "show the version"},
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

static int
add_setting(struct imbucad_options *out, const struct row *row, const char *value, struct err *e)
{
	if (out->settings_count == COUNT(out->settings))
		return err_set(e, EX_USAGE, "too many options");
	out->settings[out->settings_count++] =
	    (struct imbucad_options_setting){row->name, row->keyword, value, row->suffix};
	return 0;
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
	if (row->argument != NULL && (value == NULL || value[0] == '\0'))
		return err_set(e, EX_USAGE, "%s wants %s", row->name, row->argument);
	if (row->set == NULL)
		return add_setting(out, row, value != NULL ? value : "", e);
	row->set(out, value);
	return 0;
}

/* --- the commands --- */

static const struct command {
	const char *words[3]; /* up to a NULL */
	enum imbucad_options_action action;
	size_t least, most; /* words behind it */
	const char *usage, *help;
} commands[] = {
    {{"check", NULL}, IMBUCAD_OPTIONS_CHECK, 0, IMBUCAD_OPTIONS_MAX, "check [ADDRESS...]",
	"test the configuration; say what mail for ADDRESS would do"},
    {{"user", "add", NULL}, IMBUCAD_OPTIONS_USER_ADD, 1, 1, "user add NAME",
	"let NAME log in; reads the password"},
};

/* How many words of OUT are COMMAND's own, 0 where it is another one. */
static size_t
match(const struct imbucad_options *out, const struct command *command)
{
	size_t n = 0;

	for (; command->words[n] != NULL; n++) {
		if (out->words[n] == NULL || strcmp(out->words[n], command->words[n]) != 0)
			return 0;
	}
	return n;
}

/* The words that are no options: none, or a command and its operands. */
static int
take_command(struct imbucad_options *out, struct err *e)
{
	for (size_t i = 0; i < COUNT(commands); i++) {
		size_t own = match(out, &commands[i]);

		if (own == 0)
			continue;
		out->words_count -= own;
		memmove(
		    out->words, out->words + own, (out->words_count + 1) * sizeof out->words[0]);
		if (out->words_count < commands[i].least || out->words_count > commands[i].most)
			return err_set(e, EX_USAGE, "the command is: %s", commands[i].usage);
		if (out->action == IMBUCAD_OPTIONS_RUN)
			out->action = commands[i].action;
		return 0;
	}
	if (out->words_count == 0)
		return 0;
	return err_set(e, EX_USAGE, "unknown command '%s'", out->words[0]);
}

int
imbucad_options_parse(char *const *argv, struct imbucad_options *out, struct err *e)
{
	int status = 0;

	*out = (struct imbucad_options){.action = IMBUCAD_OPTIONS_RUN};
	for (char *const *arg = argv + 1; status == 0 && *arg != NULL; arg++) {
		if (**arg == '-')
			status = take_option(out, &arg, e);
		else if (out->words_count < IMBUCAD_OPTIONS_MAX)
			out->words[out->words_count++] = *arg;
		else
			status = err_set(e, EX_USAGE, "too many words");
	}
	if (status == 0)
		status = take_command(out, e);
	return status == 0 ? 0 : err_hint(e, "imbucad --help shows what there is");
}

/* --- the configuration --- */

static bool
sets(const struct imbucad_options *options, const char *keyword)
{
	for (size_t i = 0; i < options->settings_count; i++) {
		if (strcmp(options->settings[i].keyword, keyword) == 0)
			return true;
	}
	return false;
}

static int
read_file(const struct imbucad_options *options, struct conf_daemon *out, struct err *e)
{
	if (options->file != NULL) {
		if (conf_daemon_load(out, options->file, e) == 0)
			return 0;
		if (e->ex != EX_TEMPFAIL)
			e->ex = EX_CONFIG;
		return -1;
	}
	if (sets(options, "catch_all") || access(CONFIG_FILE, F_OK) == -1)
		return 0;
	return conf_daemon_load(out, CONFIG_FILE, e);
}

/* Those of the command line come in place of the file's, where there can be several. */
static int
set_all(const struct imbucad_options *options, struct conf_daemon *out, struct err *e)
{
	struct buf value = BUF_INIT(VALUE_MAXIMUM);
	int status = 0;

	if (sets(options, "listen"))
		status = conf_daemon_set(out, "listen", str_slice(""), e);
	for (size_t i = 0; status == 0 && i < options->settings_count; i++) {
		const struct imbucad_options_setting *s = &options->settings[i];

		buf_reset(&value);
		buf_addf(&value, "%s%s", s->value, s->suffix);
		status = value.full ? err_set(e, EX_USAGE, "the value is too long")
				    : conf_daemon_set(out, s->keyword, buf_slice(&value), e);
		if (status == -1)
			(void)err_prefix(e, "%s", s->option);
	}
	buf_free(&value);
	return status;
}

int
imbucad_options_configure(
    const struct imbucad_options *options, struct conf_daemon *out, struct err *e)
{
	if (conf_daemon_init(out, e) == -1)
		return -1;
	if (read_file(options, out, e) == 0 && set_all(options, out, e) == 0 &&
	    conf_daemon_settle(out, geteuid() == 0, e) == 0)
		return 0;
	conf_daemon_free(out);
	return -1;
}

/* --- help --- */

void
imbucad_options_help(struct buf *out)
{
	buf_adds(out, "imbucad [OPTION...]                     take mail and deliver it\n");
	for (size_t i = 0; i < COUNT(commands); i++) {
		size_t before = out->len;

		buf_addf(out, "imbucad [OPTION...] %s", commands[i].usage);
		buf_addf(out, "%*s%s\n", (int)(before + 40 - out->len), "", commands[i].help);
	}
	buf_adds(out, "\n");
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t before = out->len;

		buf_addf(out, "  %s%s%s", rows[i].name, rows[i].argument != NULL ? " " : "",
		    rows[i].argument != NULL ? rows[i].argument : "");
		buf_addf(out, "%*s%s\n", (int)(before + 32 - out->len), "", rows[i].help);
	}
}
