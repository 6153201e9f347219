/*
 * exchange: see exchange.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/deadline.h"
#include "base/process.h"
#include "oauth/exchange.h"
#include "oauth/lines.h"

#include "base/banned.h"

enum { WAIT = 60 * 1000 }; /* milliseconds; the helper gives its server half of it */

static const char *
helper(void)
{
	const char *said = getenv("IMBUCA_OAUTH");

	return said != NULL && said[0] == '/' ? said : LIBEXECDIR "/imbuca-oauth";
}

/* The words of what ran, without its name. */
static const char *
words_of(const struct process *p)
{
	static const char name[] = "imbuca-oauth: ";

	return strncmp(p->said, name, sizeof name - 1) == 0 ? p->said + sizeof name - 1 : p->said;
}

static int
fail_unrunnable(const char *command, struct err *e)
{
	(void)err_set(e, EX_CONFIG, "cannot run '%s'", command != NULL ? command : helper());
	return command != NULL ? -1
			       : err_hint(e, "it is installed beside imbuca, unless that was built "
					     "--without-oauth");
}

/* What the exit status of P means. E holds what process_run made of it. */
static int
judge(const struct process *p, const char *command, const struct buf *answer, struct err *e)
{
	static const int known[] = {EX_TEMPFAIL, EX_NOPERM, EX_PROTOCOL};

	if (p->status == 127)
		return fail_unrunnable(command, e);
	if (command == NULL && p->said[0] == '\0')
		(void)err_prefix(e, "'%s'", helper());
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (p->status == known[i] && p->said[0] != '\0')
			(void)err_set(e, known[i], "%s", words_of(p));
		if (p->status == known[i])
			e->ex = known[i];
	}
	return p->status == EX_NOPERM && oauth_lines_find(buf_slice(answer), "error").len > 0 ? 1
											      : -1;
}

/* The helper was killed, or took too long: it may do better the next time. */
static int
fail_cut_short(struct err *e)
{
	e->ex = EX_TEMPFAIL;
	return err_prefix(e, "'%s'", helper());
}

int
oauth_exchange_run(const char *command, struct slice request, struct buf *answer, struct err *e)
{
	const char *const argv[] = {helper(), NULL};
	struct process p = {.line = command, .argv = argv, .input = request};

	if (process_run(&p, deadline_in(WAIT), answer, e) == 0)
		return 0;
	if (p.status > 0)
		return judge(&p, command, answer, e);
	return command != NULL ? -1 : fail_cut_short(e);
}

bool
oauth_exchange_qr(struct slice text, struct buf *out)
{
	const char *const argv[] = {helper(), "--qr", NULL};
	struct process p = {.argv = argv, .input = text};
	struct err ignored;

	return process_run(&p, deadline_in(WAIT), out, &ignored) == 0;
}
