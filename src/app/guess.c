/*
 * guess: see guess.h.
 */
#include <config.h>

#include <pwd.h>

#include "app/command.h"
#include "app/envelope.h"
#include "app/guess.h"
#include "app/submission.h"
#include "base/suggest.h"

#include "base/banned.h"

/* What other programs have as a command, and is an option here. */
static const struct {
	const char *word, *meant;
} others[] = {
    {"help", "--help"},
    {"man", "--help"},
    {"usage", "--help"},
    {"version", "--version"},
};

/* The command or option that WORD was meant to be; NULL for none. */
static const char *
nearest(const char *word)
{
	struct suggest s = suggest_for(str_slice(word));
	const struct app_command *row;

	for (size_t i = 0; (row = app_command_at(i)) != NULL; i++) {
		if (row->help != NULL)
			suggest_offer(&s, row->name);
	}
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		suggest_offer(&s, others[i].word);
	for (size_t i = 0; s.best != NULL && i < sizeof others / sizeof others[0]; i++) {
		if (s.best == others[i].word)
			return others[i].meant;
	}
	return s.best;
}

/* Would mail for the operand go somewhere? */
static bool
goes_somewhere(const struct app_options *options)
{
	struct app_options quiet = *options;
	struct app_submission s = APP_SUBMISSION_INIT(&quiet);
	struct err ignored;
	bool goes;

	quiet.debug = quiet.pretend = false;
	goes = app_envelope_read(&s, &ignored) == 0 && app_submission_route(&s, &ignored) == 0;
	app_submission_free(&s);
	return goes;
}

int
app_guess(const struct app_options *options, struct err *e)
{
	const char *word = options->stray, *meant = word != NULL ? nearest(word) : NULL;

	if (meant == NULL || getpwnam(word) != NULL || goes_somewhere(options))
		return 0;
	(void)err_set(
	    e, EX_USAGE, "'%s' is no command, and nobody here who could get a message", word);
	return err_hint(e, "did you mean: imbuca %s", meant);
}
