/*
 * failure: see failure.h.
 */
#include <config.h>

#include <string.h>
#include <unistd.h>

#include "app/failure.h"
#include "app/paragraph.h"
#include "app/terminal.h"
#include "base/file.h"
#include "base/i18n.h"
#include "conf/account_keyword.h"
#include "conf/provider.h"
#include "explain/explain.h"

#include "base/banned.h"

enum { TEXT_MAX = 64 << 10 };

/* --- what the tables know --- */

/* Where the account has WORD from, if that is a file; NULL else. */
static const struct conf_origin *
place_of(const struct conf_account *account, struct slice word)
{
	const struct conf_account_keyword *row = conf_account_keyword_find(word);
	const struct conf_origin *origin = row != NULL ? conf_account_origin(account, row) : NULL;

	return origin != NULL && origin->kind == CONF_ORIGIN_FILE ? origin : NULL;
}

/* Names the line of the first of the keywords that stands in a file; else the account's own. */
static void
find_place(const struct conf_account *account, struct err *e)
{
	const struct conf_origin *origin = NULL;
	struct slice rest = str_slice(e->keyword), word = {NULL, 0};
	struct buf text = BUF_INIT(sizeof e->place - 1);

	while (origin == NULL && rest.ptr != NULL) {
		word = str_cut(&rest, ' ');
		origin = place_of(account, word);
	}
	if (origin == NULL && account->origin.kind == CONF_ORIGIN_FILE) {
		origin = &account->origin;
		word = str_slice("account");
	}
	if (origin == NULL)
		return;
	buf_addf(&text, _("line %u of %s (%.*s)"), origin->line, origin->name, STR_ARGS(word));
	(void)str_copy(e->place, sizeof e->place, buf_slice(&text));
	buf_free(&text);
}

/* Puts what the table says of this side's failures into E, unless something is there. */
static void
look_up(struct err *e)
{
	struct explain_verdict verdict;

	if (e->cause == NULL && e->failure != NULL && explain_failure(e->failure, &verdict))
		explain_tell(&verdict, e);
}

/* The page of provider P about what hangs on KEYWORD. */
static const char *
page_of(const struct conf_provider *p, const char *keyword)
{
	bool password = strncmp(keyword, "password", strlen("password")) == 0;

	return password && p->app_page[0] != '\0' ? p->app_page : p->help_page;
}

int
app_failure_explain(const struct conf_account *account, struct err *e)
{
	const struct conf_provider *p = account->served_by;

	look_up(e);
	if (e->keyword == NULL || e->keyword[0] == '\0')
		return -1;
	if (e->page[0] == '\0' && p != NULL)
		(void)str_copy(e->page, sizeof e->page, str_slice(page_of(p, e->keyword)));
	find_place(account, e);
	return -1;
}

/* --- telling --- */

const char *
app_failure_remedy(const struct err *e)
{
	if (e->hint[0] != '\0')
		return e->hint;
	return e->remedy != NULL ? i18n_text(e->remedy) : "";
}

/* What the server said itself; "" for nothing. */
static const char *
words_of(const struct err *e)
{
	return e->words > 0 && e->words < strlen(e->msg) ? e->msg + e->words : "";
}

static void
write_below(const struct err *e, struct buf *out, bool colours)
{
	struct app_paragraph p = APP_PARAGRAPH_INIT(out, STDERR_FILENO);
	struct err whole = *e;

	look_up(&whole);
	if (isatty(STDERR_FILENO) == 0)
		p.width = SIZE_MAX;
	p.colour = colours ? "1" : NULL;
	app_paragraph_add(&p, _("server"), words_of(e));
	app_paragraph_add(&p, _("cause"), whole.cause != NULL ? i18n_text(whole.cause) : "");
	app_paragraph_add(&p, _("remedy"), app_failure_remedy(&whole));
	app_paragraph_add(&p, _("page"), whole.page);
	app_paragraph_add(&p, _("account"), whole.place);
}

void
app_failure_write(const char *program, const struct err *e, struct buf *out)
{
	bool colours = app_terminal_colours(STDERR_FILENO);

	int own = (int)(words_of(e)[0] != '\0' ? e->words - 1 : strlen(e->msg));

	if (own > 0)
		buf_addf(out, "%s%s:%s %.*s\n", colours ? "\33[31;1m" : "", program,
		    colours ? "\33[m" : "", own, e->msg);
	write_below(e, out, colours);
}

int
app_failure_tell(const char *program, const struct err *e)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	struct err ignored;

	app_failure_write(program, e, &text);
	(void)file_write(STDERR_FILENO, "standard error", text.data, text.len, &ignored);
	buf_free(&text);
	return e->ex;
}
