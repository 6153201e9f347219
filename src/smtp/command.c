/*
 * command: see command.h.
 */
#include <config.h>

#include "smtp/command.h"
#include "smtp/refusal.h"

#include "base/banned.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { NAME_MAXIMUM = 255 };

/* What the parser of an argument has to know. */
struct context {
	bool lenient;
	unsigned offered;
	const char *usage;
};

static int
syntax(const struct context *in, struct err *e)
{
	return smtp_refusal(e, 501, "5.5.4", "Syntax: %s", in->usage);
}

/* The argument of the greeting goes into the Received field: a name or a literal, nothing else. */
static int
parse_name(struct smtp_command *c, const struct context *in, struct err *e)
{
	static const struct slice good = STR_LITERAL("abcdefghijklmnopqrstuvwxyz"
						     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
						     "0123456789.-_:[]");

	if (c->argument.len == 0 || c->argument.len > NAME_MAXIMUM)
		return syntax(in, e);
	for (size_t i = 0; i < c->argument.len; i++) {
		if (str_find(good, c->argument.ptr[i]) == good.len)
			return syntax(in, e);
	}
	return 0;
}

static int
parse_nothing(struct smtp_command *c, const struct context *in, struct err *e)
{
	return c->argument.len == 0 ? 0 : syntax(in, e);
}

static int
parse_anything(struct smtp_command *c, const struct context *in, struct err *e)
{
	(void)c, (void)in, (void)e;
	return 0;
}

static int
parse_something(struct smtp_command *c, const struct context *in, struct err *e)
{
	return c->argument.len > 0 ? 0 : syntax(in, e);
}

/* SIZE [LAST] */
static int
parse_chunk(struct smtp_command *c, const struct context *in, struct err *e)
{
	struct slice rest = c->argument;
	struct slice size = str_cut(&rest, ' ');

	c->last = str_is_nocase(str_trim(rest), "LAST");
	if (!str_number(size, 0, INT64_MAX, &c->chunk) || (rest.ptr != NULL && !c->last))
		return syntax(in, e);
	return 0;
}

/* MECHANISM [INITIAL-RESPONSE] */
static int
parse_auth(struct smtp_command *c, const struct context *in, struct err *e)
{
	struct slice rest = c->argument;

	c->mechanism = str_cut(&rest, ' ');
	c->initial = rest.ptr != NULL ? str_trim(rest) : rest;
	if (c->mechanism.len == 0 || str_find(c->initial, ' ') < c->initial.len)
		return syntax(in, e);
	return 0;
}

/*
 * The path behind FROM: or TO:, and the parameters that ALLOWED and the server's offer have in
 * common. ENHANCED is for a bad path.
 */
static int
parse_path(struct smtp_command *c, const struct context *in, const char *keyword,
    const char *enhanced, unsigned allowed, struct err *e)
{
	struct slice rest = c->argument;
	size_t skip = str_slice(keyword).len;
	bool ok;

	if (!str_begins_nocase(rest, keyword))
		return syntax(in, e);
	rest = (struct slice){rest.ptr + skip, rest.len - skip};
	if (in->lenient)
		rest = str_trim(rest);
	if (in->lenient && rest.len > 0 && rest.ptr[0] != '<')
		ok = smtp_path_parse_bare(str_cut(&rest, ' '), &c->path);
	else
		ok = smtp_path_parse(&rest, &c->path) && (rest.len == 0 || rest.ptr[0] == ' ');
	if (!ok)
		return smtp_refusal(e, 501, enhanced, "Syntax: %s", in->usage);
	return smtp_params_parse(rest, allowed & in->offered, &c->params, e);
}

static int
parse_mail(struct smtp_command *c, const struct context *in, struct err *e)
{
	return parse_path(c, in, "FROM:", "5.1.7", SMTP_PARAMS_OF_MAIL, e);
}

static int
parse_rcpt(struct smtp_command *c, const struct context *in, struct err *e)
{
	if (parse_path(c, in, "TO:", "5.1.3", SMTP_PARAMS_OF_RCPT, e) == -1)
		return -1;
	if (c->path.local == 0)
		return smtp_refusal(e, 501, "5.1.3", "The null path is no recipient");
	return 0;
}

static const struct row {
	const char *name;
	enum smtp_command_verb verb;
	int (*parse)(struct smtp_command *c, const struct context *in, struct err *e);
	const char *usage;
} rows[] = {
    {"HELO", SMTP_COMMAND_HELO, parse_name, "HELO name"},
    {"EHLO", SMTP_COMMAND_EHLO, parse_name, "EHLO name"},
    {"LHLO", SMTP_COMMAND_LHLO, parse_name, "LHLO name"},
    {"MAIL", SMTP_COMMAND_MAIL, parse_mail, "MAIL FROM:<address> [parameters]"},
    {"RCPT", SMTP_COMMAND_RCPT, parse_rcpt, "RCPT TO:<address> [parameters]"},
    {"DATA", SMTP_COMMAND_DATA, parse_nothing, "DATA"},
    {"BDAT", SMTP_COMMAND_BDAT, parse_chunk, "BDAT size [LAST]"},
    {"RSET", SMTP_COMMAND_RSET, parse_nothing, "RSET"},
    {"NOOP", SMTP_COMMAND_NOOP, parse_anything, "NOOP"},
    {"VRFY", SMTP_COMMAND_VRFY, parse_something, "VRFY address"},
    {"EXPN", SMTP_COMMAND_EXPN, parse_something, "EXPN list"},
    {"HELP", SMTP_COMMAND_HELP, parse_anything, "HELP"},
    {"QUIT", SMTP_COMMAND_QUIT, parse_nothing, "QUIT"},
    {"STARTTLS", SMTP_COMMAND_STARTTLS, parse_nothing, "STARTTLS"},
    {"AUTH", SMTP_COMMAND_AUTH, parse_auth, "AUTH mechanism [initial-response]"},
    {"XQUEUE", SMTP_COMMAND_XQUEUE, parse_anything, "XQUEUE request"},
};

int
smtp_command_parse(
    struct slice line, bool lenient, unsigned offered, struct smtp_command *out, struct err *e)
{
	struct context in = {.lenient = lenient, .offered = offered};
	struct slice argument = line;
	struct slice name = str_cut(&argument, ' ');

	*out = (struct smtp_command){
	    .verb = SMTP_COMMAND_UNKNOWN,
	    .argument = argument.ptr != NULL ? str_trim(argument) : argument,
	};
	if (str_find_control(line) < line.len)
		return smtp_refusal(e, 501, "5.5.2", "Control characters are not taken");
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (!str_is_nocase(name, rows[i].name))
			continue;
		out->verb = rows[i].verb;
		in.usage = rows[i].usage;
		return rows[i].parse(out, &in, e);
	}
	return 0;
}

/* Appends FRONT, the path in its brackets, the parameters, CRLF; nothing if the path is none. */
static int
write_path(struct buf *b, const char *front, struct slice address, const struct smtp_params *params,
    unsigned allowed, struct err *e)
{
	struct smtp_path path;

	if (!smtp_path_parse_bare(address, &path))
		return err_set(e, EX_DATAERR, "'%.*s' cannot be written as an SMTP address",
		    STR_ARGS(address));
	buf_addf(b, "%s<%s>", front, path.text);
	if (params != NULL)
		smtp_params_write(b, params, allowed);
	buf_adds(b, "\r\n");
	return 0;
}

int
smtp_command_mail(
    struct buf *b, struct slice sender, const struct smtp_params *params, struct err *e)
{
	return write_path(b, "MAIL FROM:", sender, params, SMTP_PARAMS_OF_MAIL, e);
}

int
smtp_command_rcpt(
    struct buf *b, struct slice recipient, const struct smtp_params *params, struct err *e)
{
	return write_path(b, "RCPT TO:", recipient, params, SMTP_PARAMS_OF_RCPT, e);
}
