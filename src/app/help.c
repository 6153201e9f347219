/*
 * help: see help.h.
 */
#include <config.h>

#include "app/command.h"
#include "app/help.h"
#include "app/option.h"
#include "app/paragraph.h"
#include "base/i18n.h"

#include "base/banned.h"

enum {
	WIDTH = 80,
	TEXT_COLUMN = 30, /* where the explanations begin */
};

/*
 * Appends TEXT, broken at its blanks, to the line that has come to COLUMN; further lines begin at
 * INDENT. The line is ended.
 */
static void
add_wrapped(struct buf *out, struct slice text, size_t column, size_t indent)
{
	bool first = true;

	while (text.ptr != NULL) {
		struct slice word = str_cut(&text, ' ');
		size_t columns = app_paragraph_columns_of(word);

		if (!first && column + 1 + columns > WIDTH) {
			buf_addf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!first) {
			buf_addc(out, ' ');
			column++;
		}
		buf_add_slice(out, word);
		column += columns;
		first = false;
	}
	buf_addc(out, '\n');
}

/* Appends the row of LABEL, which is on a line of its own where it is too long, and its HELP. */
static void
add_row(struct buf *out, struct slice label, const char *help)
{
	buf_add_slice(out, label);
	if (label.len + 2 > TEXT_COLUMN)
		buf_addf(out, "\n%*s", TEXT_COLUMN, "");
	else
		buf_addf(out, "%*s", TEXT_COLUMN - (int)label.len, "");
	add_wrapped(out, str_slice(help), TEXT_COLUMN, TEXT_COLUMN);
}

static void
add_commands(struct buf *out)
{
	const struct app_command *row;

	buf_addf(out, "\n%s:\n", _("Commands"));
	for (size_t i = 0; (row = app_command_at(i)) != NULL; i++) {
		struct buf label = BUF_INIT(WIDTH);

		if (row->help == NULL)
			continue;
		buf_addf(&label, "  %s %s", row->name, row->arguments);
		add_row(out, buf_slice(&label), i18n_text(row->help));
		buf_free(&label);
	}
}

/* "  -f, --from=ADDRESS" */
static void
add_label(struct buf *out, const struct app_option *row)
{
	const char *left = "", *right = "";

	if (row->argument != NULL)
		left = row->name != NULL ? "=" : " ";
	if (row->value == APP_OPTION_MAYBE) {
		left = "[=";
		right = "]";
	}
	if (row->letter != 0)
		buf_addf(out, "  -%c%s", row->letter, row->name != NULL ? ", " : "");
	else
		buf_adds(out, "      ");
	buf_addf(out, "%s%s%s%s", row->name != NULL ? row->name : "", left,
	    row->argument != NULL ? row->argument : "", right);
}

static void
add_options(struct buf *out, enum app_option_group group, const char *title)
{
	const struct app_option *row;

	buf_addf(out, "\n%s:\n", i18n_text(title));
	for (size_t i = 0; (row = app_option_at(i)) != NULL; i++) {
		struct buf label = BUF_INIT(WIDTH);

		if (row->group != group)
			continue;
		add_label(&label, row);
		add_row(out, buf_slice(&label), i18n_text(row->help));
		buf_free(&label);
	}
}

/* The options of GROUP as one paragraph: "-A c|m, -B TYPE, ..." */
static void
add_paragraph(struct buf *out, enum app_option_group group, const char *title)
{
	struct buf list = BUF_INIT(1024);
	const struct app_option *row;

	for (size_t i = 0; (row = app_option_at(i)) != NULL; i++) {
		const char letter[] = {'-', row->letter, '\0'};

		if (row->group != group)
			continue;
		buf_addf(&list, "%s%s%s", list.len > 0 ? ", " : "  ",
		    row->name != NULL ? row->name : letter,
		    row->name == NULL && row->argument != NULL ? row->argument : "");
	}
	buf_addf(out, "\n%s:\n", i18n_text(title));
	add_wrapped(out, buf_slice(&list), 0, 2);
	buf_free(&list);
}

void
app_help_write(struct buf *out)
{
	buf_adds(out,
	    _("Usage: imbuca [OPTION...] [--] RECIPIENT...  send the message on standard input\n"
	      "       imbuca [OPTION...] -t [RECIPIENT...]  the same, to those in its header\n"
	      "       imbuca COMMAND [ARGUMENT...]\n"));
	add_commands(out);
	add_options(out, APP_OPTION_GENERAL, N_("General options"));
	add_options(out, APP_OPTION_COMMAND, N_("Options of commands"));
	add_options(out, APP_OPTION_MESSAGE, N_("The message"));
	add_options(out, APP_OPTION_ACCOUNT, N_("The account, over what its file says"));
	add_paragraph(out, APP_OPTION_OBSOLETE, N_("Obsolete, as in msmtp (see the manual page)"));
	add_paragraph(
	    out, APP_OPTION_WITHOUT_EFFECT, N_("Accepted as by any sendmail, without effect"));
}
