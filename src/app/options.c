/*
 * options: see options.h.
 */
#include <config.h>

#include <ctype.h>
#include <string.h>

#include "app/command.h"
#include "app/explain.h"
#include "app/option.h"
#include "app/options.h"

#include "base/banned.h"

struct parser {
	struct app_options *options;
	char **argv;
	size_t at; /* the argument that comes next */
};

/* The hint of an error that is about an option. */
static int
hint_help(struct err *e)
{
	return err_hint(e, "imbuca --help lists the options");
}

static int
unknown_name(struct slice name, struct err *e)
{
	const char *meant = app_option_nearest(name);

	if (meant != NULL)
		err_set(e, EX_USAGE, "unknown option '%.*s' (did you mean '%s'?)", STR_ARGS(name),
		    meant);
	else
		err_set(e, EX_USAGE, "unknown option '%.*s'", STR_ARGS(name));
	return hint_help(e);
}

/* The next argument, as the value of the option that is shown as SHOWN; NULL where there is none.
 */
static const char *
next_value(struct parser *p, struct slice shown, struct err *e)
{
	const char *value = p->argv[p->at];

	if (value != NULL) {
		p->at++;
		return value;
	}
	err_set(e, EX_USAGE, "option '%.*s' needs a value", STR_ARGS(shown));
	hint_help(e);
	return NULL;
}

/* Does what the option of ROW says. */
static int
apply(struct parser *p, const struct app_option *row, const char *value, struct err *e)
{
	struct app_options *options = p->options;

	if (app_option_commands(row) != NULL && options->bound_count < APP_OPTIONS_BOUND)
		options->bound[options->bound_count++] = row;
	return row->apply(options, row, value, e);
}

/* ARGUMENT is "--name" or "--name=value". */
static int
parse_name(struct parser *p, const char *argument, struct err *e)
{
	struct slice rest = str_slice(argument), name = str_cut(&rest, '=');
	const struct app_option *row = app_option_of_name(name);
	const char *value = rest.ptr;

	if (row == NULL)
		return unknown_name(name, e);
	if ((row->value == APP_OPTION_ALONE || row->value == APP_OPTION_LEVEL) && value != NULL) {
		err_set(e, EX_USAGE, "option '%s' takes no value", row->name);
		return hint_help(e);
	}
	if (row->value == APP_OPTION_NEEDED && value == NULL &&
	    (value = next_value(p, name, e)) == NULL)
		return -1;
	return apply(p, row, value, e);
}

/* LETTERS follow the dash: options without a value, and perhaps one with a value as the last. */
static int
parse_letters(struct parser *p, const char *letters, struct err *e)
{
	for (; *letters != '\0'; letters++) {
		const struct app_option *row = app_option_of_letter(*letters);
		const char shown[] = {'-', *letters, '\0'}, *value = NULL;

		if (row == NULL) {
			err_set(e, EX_USAGE, "unknown option '%s'", shown);
			return hint_help(e);
		}
		if (row->value == APP_OPTION_NEEDED) {
			value =
			    letters[1] != '\0' ? letters + 1 : next_value(p, str_slice(shown), e);
			return value != NULL ? apply(p, row, value, e) : -1;
		}
		if ((row->value == APP_OPTION_LEVEL && isdigit((unsigned char)letters[1])) ||
		    (row->value == APP_OPTION_MAYBE && letters[1] != '\0'))
			return apply(p, row, letters + 1, e);
		if (apply(p, row, NULL, e) < 0)
			return -1;
	}
	return 0;
}

/* Parses options up to an operand (then 0), a "--" (taken; then 1) or the end (0). */
static int
parse_options(struct parser *p, struct err *e)
{
	while (p->argv[p->at] != NULL) {
		const char *argument = p->argv[p->at];
		int got;

		if (argument[0] != '-' || argument[1] == '\0')
			return 0;
		p->at++;
		if (strcmp(argument, "--") == 0)
			return 1;
		got = argument[1] == '-' ? parse_name(p, argument, e)
					 : parse_letters(p, argument + 1, e);
		if (got < 0)
			return -1;
	}
	return 0;
}

/* The rest are a command's: its operands, which move together, and options among them. */
static int
parse_command(struct parser *p, struct err *e)
{
	char **operands = p->argv + p->at;
	size_t count = 0;
	int only_operands = 0;

	for (;;) {
		if (!only_operands && (only_operands = parse_options(p, e)) < 0)
			return -1;
		if (p->argv[p->at] == NULL)
			break;
		operands[count++] = p->argv[p->at++];
	}
	p->options->operands = operands;
	p->options->operand_count = count;
	return 0;
}

/* What comes from argv may end up in a command to the server or in the log. */
static int
check_bytes(char *const *argv, struct err *e)
{
	for (; *argv != NULL; argv++) {
		struct slice argument = str_slice(*argv);

		if (str_find_control(argument) < argument.len)
			return err_set(
			    e, EX_USAGE, "an argument holds a control byte: '%s'", *argv);
	}
	return 0;
}

/* Is PROGRAM a name of sendmail's, under which there are no commands? OpenBSD's mail(1) says
 * send-mail; rmail has its message from another machine, whole. */
static bool
is_sendmail(const char *program)
{
	static const char *const names[] = {"sendmail", "send-mail", "rmail"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(program, names[i]) == 0)
			return true;
	}
	return false;
}

/* Is every option that was given one that the command has a use for? */
static int
check_bound(const struct app_options *options, struct err *e)
{
	const char *name = options->command != NULL ? options->command->name : NULL;

	for (size_t i = 0; i < options->bound_count; i++) {
		const char *commands = app_option_commands(options->bound[i]);

		if (!str_has_word(str_slice(commands), ' ', name != NULL ? name : ""))
			return err_set(e, EX_USAGE, "option '%s' is for these commands only: %s",
			    options->bound[i]->name, commands);
	}
	return 0;
}

static void
take_operands(struct app_options *options, char *const *operands)
{
	options->operands = operands;
	while (operands[options->operand_count] != NULL)
		options->operand_count++;
}

static int
parse(struct app_options *options, char **argv, struct err *e)
{
	struct parser p = {options, argv, argv[0] != NULL ? 1 : 0};
	const char *name = argv[0] != NULL ? argv[0] : "";
	const char *slash = strrchr(name, '/');
	const char *program = slash != NULL ? slash + 1 : name;
	int only_operands;

	*options = (struct app_options){.ignore_dots = strcmp(program, "rmail") == 0};
	options->command = app_command_of_program(program);
	if (options->command != NULL)
		return parse_command(&p, e);
	only_operands = parse_options(&p, e);
	if (only_operands < 0)
		return -1;
	if (!only_operands && argv[p.at] != NULL && options->command == NULL &&
	    !is_sendmail(program) && (options->command = app_command_find(argv[p.at])) != NULL) {
		p.at++;
		return parse_command(&p, e);
	}
	take_operands(options, argv + p.at);
	if (options->operand_count == 1 && !only_operands && options->command == NULL &&
	    !is_sendmail(program) && strchr(options->operands[0], '@') == NULL)
		options->stray = options->operands[0];
	return 0;
}

int
app_options_parse(struct app_options *options, char **argv, struct err *e)
{
	struct err dirty;
	int rc = check_bytes(argv, &dirty); /* first: parsing moves arguments */

	if (parse(options, argv, e) != 0)
		return -1;
	/* A reply has lines, and whoever pastes one puts quotes around it. */
	if (rc < 0 && (options->command == NULL || options->command->run != app_explain_run)) {
		*e = dirty;
		return -1;
	}
	return check_bound(options, e);
}
