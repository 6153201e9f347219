/*
 * explain: see explain.h.
 */
#include <config.h>

#include <string.h>
#include <sysexits.h>

#include "base/buf.h"
#include "explain/table.h"

#include "base/banned.h"

/* Bytes of a reply that are looked at, and of a pattern. */
enum { TEXT_MAX = 4096, PATTERN_MAX = 512 };

/* A question made ready for looking. */
struct look {
	const struct explain_question *q;
	int code;	 /* 0 where no server spoke */
	unsigned stages; /* as bits; all where the stage is not known */
	bool exactly;	 /* the code must be the row's, not only of its class */
	char text[TEXT_MAX];
};

/* --- does a row fit? --- */

/* A line end counts as a blank. */
static void
take_text(struct look *look, struct slice text)
{
	size_t n = text.len < TEXT_MAX - 1 ? text.len : TEXT_MAX - 1;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		look->text[i] = c < ' ' ? ' ' : (char)c;
	}
	look->text[n] = '\0';
}

/* Is PATTERN, one of a row's, in TEXT? */
static bool
has_pattern(struct slice text, struct slice pattern)
{
	struct buf whole = BUF_INIT(PATTERN_MAX);
	bool first = pattern.len > 0 && pattern.ptr[0] == '^';
	bool last = pattern.len > 0 && pattern.ptr[pattern.len - 1] == '$';
	bool fits;

	if (!first)
		buf_addc(&whole, '*');
	buf_add(&whole, pattern.ptr + first, pattern.len - first - last);
	if (!last)
		buf_addc(&whole, '*');
	fits = !whole.full && str_match(text, buf_slice(&whole));
	buf_free(&whole);
	return fits;
}

static bool
fits_text(const struct explain_row *r, const struct look *look)
{
	struct slice rest = str_slice(r->text);

	while (rest.ptr != NULL) {
		if (has_pattern(str_slice(look->text), str_cut(&rest, '|')))
			return true;
	}
	return false;
}

static bool
fits_code(const struct explain_row *r, const struct look *look)
{
	if (r->codes[0] == 0)
		return true;
	for (size_t i = 0; i < EXPLAIN_CODES_MAX && r->codes[i] != 0; i++) {
		int code = r->codes[i];

		if (code == look->code || (code < 10 && code == look->code / 100))
			return true;
		if (!look->exactly && code / 100 == look->code / 100)
			return true;
	}
	return false;
}

static bool
fits_enhanced(const struct explain_row *r, const struct look *look)
{
	const char *enhanced = look->q->enhanced;

	if (r->enhanced[0] == '\0')
		return true;
	/* Where the two disagree in their first digit the reply's code is right (RFC 5321, 4.2.1).
	 */
	if (r->enhanced[0] == '.')
		return enhanced[0] == '0' + look->code / 100 &&
		       strcmp(enhanced + 1, r->enhanced) == 0;
	return strcmp(enhanced, r->enhanced) == 0;
}

static bool
fits(const struct explain_row *r, const struct look *look)
{
	return (r->stages & look->stages) != 0 && fits_code(r, look) && fits_enhanced(r, look) &&
	       (r->text[0] == '\0' || fits_text(r, look));
}

/* --- whose rows, in which order --- */

static bool
is_named(const struct explain_section *s, const char *name)
{
	struct slice rest = str_slice(s->names);

	while (name != NULL && rest.ptr != NULL) {
		if (str_is_nocase(str_cut(&rest, ' '), name))
			return name[0] != '\0';
	}
	return false;
}

static bool
is_asked_about(const struct explain_section *s, const struct look *look)
{
	return is_named(s, look->q->provider);
}

static bool
is_server(const struct explain_section *s, const struct look *look)
{
	(void)look;
	return s->kind == EXPLAIN_SECTION_SERVER;
}

static bool
is_local(const struct explain_section *s, const struct look *look)
{
	return s->kind == EXPLAIN_SECTION_LOCAL && look->code == 0;
}

/* Another provider's, where we do not know whose server it is. */
static bool
is_anybodys(const struct explain_section *s, const struct look *look)
{
	return s->kind == EXPLAIN_SECTION_PROVIDER && look->q->provider == NULL;
}

static bool
is_general(const struct explain_section *s, const struct look *look)
{
	(void)look;
	return s->kind == EXPLAIN_SECTION_GENERAL;
}

/* The first row that fits in the sections that IS says yes to, with a text or WITHOUT one. */
static const struct explain_row *
search(const struct look *look,
    bool (*is)(const struct explain_section *s, const struct look *look), bool without)
{
	for (const struct explain_section *s = explain_reply_table; s->rows != NULL; s++) {
		if (!is(s, look))
			continue;
		for (const struct explain_row *r = s->rows; r->stages != 0; r++) {
			if ((r->text[0] == '\0') == without && fits(r, look))
				return r;
		}
	}
	return NULL;
}

/* By what the reply says. The code need not be the row's: servers are set up to give others. */
static const struct explain_row *
search_text(struct look *look)
{
	static bool (*const orders[])(const struct explain_section *s, const struct look *look) = {
	    is_local, is_asked_about, is_server, is_anybodys, is_general};
	const struct explain_row *found = NULL;

	for (size_t i = 0; found == NULL && i < sizeof orders / sizeof orders[0]; i++) {
		look->exactly = true;
		found = search(look, orders[i], false);
		look->exactly = false;
		if (found == NULL)
			found = search(look, orders[i], false);
	}
	look->exactly = true;
	return found;
}

/* Where a code comes most often: for one whose stage is not known. */
static unsigned
usual_stages(int code)
{
	static const struct {
		int code;
		unsigned stages;
	} usual[] = {
	    {432, EXPLAIN_AUTH},
	    {450, EXPLAIN_RCPT},
	    {452, EXPLAIN_RCPT},
	    {454, EXPLAIN_AUTH},
	    {530, EXPLAIN_MAIL},
	    {534, EXPLAIN_AUTH},
	    {535, EXPLAIN_AUTH},
	    {538, EXPLAIN_AUTH},
	    {550, EXPLAIN_RCPT},
	    {551, EXPLAIN_RCPT},
	    {552, EXPLAIN_DATA},
	    {553, EXPLAIN_RCPT},
	    {554, EXPLAIN_DATA},
	};

	for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
		if (usual[i].code == code)
			return usual[i].stages;
	}
	return EXPLAIN_RCPT | EXPLAIN_DATA;
}

/* By the codes alone. The last row of all fits whatever comes. */
static const struct explain_row *
search_codes(struct look *look)
{
	const struct explain_row *found;

	if (look->q->stage == EXPLAIN_UNKNOWN)
		look->stages = usual_stages(look->code);
	found = search(look, is_asked_about, true);
	return found != NULL ? found : search(look, is_general, true);
}

/* --- the verdict --- */

static enum explain_retry
retry_of(const struct explain_row *r, int code)
{
	if (r->retry != EXPLAIN_RETRY_BY_CLASS)
		return (enum explain_retry)r->retry;
	return code / 100 == 4 ? EXPLAIN_RETRY_BACKOFF : EXPLAIN_RETRY_NO;
}

static struct explain_verdict
verdict_of(const struct explain_row *r, int code)
{
	const struct explain_class *class = &explain_reply_table_classes[r->class];
	enum explain_retry retry = retry_of(r, code);

	return (struct explain_verdict){
	    .ex = explain_retry_helps(retry) ? EX_TEMPFAIL : class->ex,
	    .class = class->word,
	    .retry = retry,
	    .cause = r->cause[0] != '\0' ? r->cause : class->cause,
	    .remedy = r->remedy[0] != '\0' ? r->remedy : class->remedy,
	    .page = r->page,
	    .keyword = class->keyword,
	};
}

struct explain_verdict
explain_reply(const struct explain_question *question)
{
	struct look look = {.q = question, .code = question->code, .stages = question->stage};
	const struct explain_row *r;
	struct explain_verdict verdict;

	if (look.code != 0 && (look.code < 400 || look.code > 599))
		look.code = 599;
	if (question->stage == EXPLAIN_UNKNOWN)
		look.stages = (unsigned)EXPLAIN_ANY;
	take_text(&look, question->text);
	r = search_text(&look);
	verdict = verdict_of(r != NULL ? r : search_codes(&look), look.code);
	verdict.by_text = r != NULL;
	return verdict;
}

bool
explain_failure(const char *word, struct explain_verdict *out)
{
	for (const struct explain_section *s = explain_reply_table; s->rows != NULL; s++) {
		if (s->kind != EXPLAIN_SECTION_FAILURE)
			continue;
		for (const struct explain_row *r = s->rows; r->stages != 0; r++) {
			if (strcmp(r->text, word) != 0)
				continue;
			*out = verdict_of(r, 0);
			return true;
		}
	}
	return false;
}

void
explain_tell(const struct explain_verdict *verdict, struct err *e)
{
	e->cause = verdict->cause;
	e->remedy = verdict->remedy;
	(void)str_copy(e->page, sizeof e->page, str_slice(verdict->page));
	e->keyword = verdict->keyword;
}

bool
explain_knows(const char *provider)
{
	for (const struct explain_section *s = explain_reply_table; s->rows != NULL; s++) {
		if (is_named(s, provider))
			return true;
	}
	return false;
}

/* --- words --- */

/* In the order of the enum. */
static const char *const retry_words[] = {
    "now", "backoff", "later", "tomorrow", "split", "fix", "no"};

/* In the order of the bits. */
static const char *const stage_words[] = {
    "connect", "ehlo", "tls", "auth", "mail", "rcpt", "data", "dsn"};

const char *
explain_retry_word(enum explain_retry retry)
{
	return retry_words[retry];
}

bool
explain_retry_helps(enum explain_retry retry)
{
	return retry != EXPLAIN_RETRY_FIX && retry != EXPLAIN_RETRY_NO;
}

enum explain_stage
explain_stage_of(struct slice word)
{
	for (unsigned i = 0; i < sizeof stage_words / sizeof stage_words[0]; i++) {
		if (str_is_nocase(word, stage_words[i]))
			return (enum explain_stage)(1U << i);
	}
	return EXPLAIN_UNKNOWN;
}
