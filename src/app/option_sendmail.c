/*
 * option_sendmail: the half of option.h's table that is sendmail's: letters that no long option
 * goes with. What programs ask for here is done, or, where it has no sense in a program that
 * submits mail, accepted without effect; an unknown letter alone is refused.
 */
#include <config.h>

#include <string.h>

#include "app/command.h"
#include "app/option_inside.h"
#include "base/i18n.h"

#include "base/banned.h"

/* --- -o and -O: options of sendmail's configuration --- */

/* A switch is on unless it says no: -oi and -oitrue are the same. */
static bool
is_on(const char *value)
{
	return strchr("fFnN", value[0]) == NULL || value[0] == '\0';
}

static int
set_dots(struct app_options *options, const char *value, struct err *e)
{
	(void)e;
	options->ignore_dots = is_on(value);
	return 0;
}

static int
set_verbose(struct app_options *options, const char *value, struct err *e)
{
	(void)e;
	options->debug = is_on(value);
	return 0;
}

/* See app/tell. */
static int
set_errors(struct app_options *options, const char *value, struct err *e)
{
	(void)e;
	if (value[0] != '\0' && strchr("mpqwe", value[0]) != NULL)
		options->errors = value[0];
	return 0;
}

static int
set_aliases(struct app_options *options, const char *value, struct err *e)
{
	static const struct app_option row = {.name = "-oA", .keyword = "aliases"};

	return value[0] != '\0' ? app_option_set_keyword(options, &row, value, e) : 0;
}

/* i, send now; b, in the background; q and d, by the queue's runner. */
static int
set_delivery(struct app_options *options, const char *value, struct err *e)
{
	(void)e;
	if (value[0] != '\0' && strchr("ibqd", value[0]) != NULL)
		options->delivery = value[0];
	return 0;
}

/* Of some hundred, those that have a sense here. */
static const struct setting {
	char letter;
	const char *name; /* -O's */
	int (*set)(struct app_options *options, const char *value, struct err *e);
} settings[] = {
    {'A', "AliasFile", set_aliases},
    {'d', "DeliveryMode", set_delivery},
    {'e', "ErrorMode", set_errors},
    {'i', "IgnoreDots", set_dots},
    {'v', "Verbose", set_verbose},
};

enum { SETTINGS = sizeof settings / sizeof settings[0] };

static int
set_setting(
    struct app_options *options, const struct app_option *row, const char *value, struct err *e)
{
	(void)row;
	for (size_t i = 0; i < SETTINGS; i++) {
		if (value[0] == settings[i].letter)
			return settings[i].set(options, value + 1, e);
	}
	return 0;
}

static int
set_long_setting(
    struct app_options *options, const struct app_option *row, const char *value, struct err *e)
{
	struct slice rest = str_slice(value), name = str_trim(str_cut(&rest, '='));

	(void)row;
	for (size_t i = 0; i < SETTINGS; i++) {
		if (str_is_nocase(name, settings[i].name))
			return settings[i].set(
			    options, rest.ptr != NULL ? str_trim(rest).ptr : "", e);
	}
	return 0;
}

/* --- the other letters that do more than set a field --- */

static int
set_error_mode(
    struct app_options *options, const struct app_option *row, const char *value, struct err *e)
{
	(void)row;
	return set_errors(options, value, e);
}

/* -bX: what to do, where it is not to send the message on standard input. */
static int
set_mode(
    struct app_options *options, const struct app_option *row, const char *value, struct err *e)
{
	(void)row;
	options->command = NULL;
	options->version = options->version || strcmp(value, "V") == 0;
	if (strcmp(value, "V") == 0 || strcmp(value, "m") == 0)
		return 0;
	options->command = app_command_of_mode(value);
	return options->command != NULL
		   ? 0
		   : err_set(e, EX_USAGE, "this program has no mode '-b%s'", value);
}

/* -q, with the rest that may be glued to it. */
static int
set_queue(
    struct app_options *options, const struct app_option *row, const char *value, struct err *e)
{
	(void)row;
	(void)e;
	options->queue = value;
	options->command = app_command_of_program("runq");
	return 0;
}

/* -I is -bi of old. */
static int
set_aliases_mode(
    struct app_options *options, const struct app_option *row, const char *value, struct err *e)
{
	(void)value;
	return set_mode(options, row, "i", e);
}

static int
accept(struct app_options *options, const struct app_option *row, const char *value, struct err *e)
{
	(void)options;
	(void)row;
	(void)value;
	(void)e;
	return 0;
}

/* --- the table --- */

#define OWN(set, argument) NULL, APP_OPTION_MESSAGE, APP_OPTION_NEEDED, argument, set, 0, NULL
#define ACCEPTED(argument) \
	NULL, APP_OPTION_WITHOUT_EFFECT, APP_OPTION_NEEDED, argument, accept, 0, NULL, ""
#define ACCEPTED_ALONE NULL, APP_OPTION_WITHOUT_EFFECT, APP_OPTION_ALONE, NULL, accept, 0, NULL, ""

static const struct app_option table[] = {
    {'b', OWN(set_mode, "MODE"),
	N_("m: send a message, as without it; for the others see the manual")},
    {'e', OWN(set_error_mode, "m|p|q|w|e"),
	N_("how to tell an error: also by mail (m), on standard error (p), by the exit code alone "
	   "(q), on the terminal (w), by mail alone (e)")},
    {'G', NULL, APP_OPTION_MESSAGE, FLAG(gateway), N_("leave the header as it is, but for Bcc")},
    {'I', NULL, APP_OPTION_MESSAGE, APP_OPTION_ALONE, NULL, set_aliases_mode, 0, NULL,
	N_("as -bi")},
    {'L', NULL, APP_OPTION_MESSAGE, TEXT(log_tag, "TAG"),
	N_("what to call ourselves in the syslog")},
    {'n', NULL, APP_OPTION_MESSAGE, FLAG(no_aliases), N_("no aliases")},
    {'o', OWN(set_setting, "OPTION"),
	N_("i: as -i; dMODE: send now (i), behind (b), by the queue (q, d); eMODE: as -e; v: as "
	   "-v; "
	   "AFILE: the aliases")},
    {'O', OWN(set_long_setting, "NAME=VALUE"),
	N_("IgnoreDots, DeliveryMode, ErrorMode, Verbose, AliasFile: the same")},
    {'q', NULL, APP_OPTION_MESSAGE, APP_OPTION_MAYBE, "[TIME | IID | RTEXT | STEXT]", set_queue, 0,
	NULL,
	N_("send what is due in the queue: once, every TIME in the background, or that message, or "
	   "those with that text in a recipient or the sender")},
    {'s', NULL, APP_OPTION_MESSAGE, TEXT(subject, "TEXT"), N_("the subject, where there is none")},

    {'A', ACCEPTED("c|m")},
    {'B', ACCEPTED("TYPE")}, /* the message says itself whether it has eight bits */
    {'c', ACCEPTED_ALONE},
    {'D', ACCEPTED("FILE")},
    {'E', ACCEPTED_ALONE},
    {'h', ACCEPTED("HOPS")},
    {'J', ACCEPTED_ALONE},
    {'m', ACCEPTED_ALONE},
    {'M', ACCEPTED("MACRO")},
    {'p', ACCEPTED("PROTOCOL")},
    {'T', ACCEPTED("TIME")},
    {'U', ACCEPTED_ALONE},
    {'x', ACCEPTED_ALONE},
};

const struct app_option *
app_option_sendmail_at(size_t index)
{
	return index < sizeof table / sizeof table[0] ? &table[index] : NULL;
}
