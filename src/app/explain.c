/*
 * explain: see explain.h.
 */
#include <config.h>

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/explain.h"
#include "app/paragraph.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/json.h"
#include "conf/provider_file.h"
#include "explain/excerpt.h"

#include "base/banned.h"

/* A log is read by the piece. */
enum { PIECE = 4 << 20, BLOCK = 64 << 10, OUTPUT_MAX = 16 << 20, SEEN_MAX = 8 << 20 };

/* One run. */
struct job {
	const struct app_options *options;
	struct conf_provider_more *more;
	const struct conf_provider *provider; /* NULL where none is named, or the table lacks it */
	enum explain_stage stage;
	void *seen;	  /* replies that were explained (tsearch); a bounce says its reply twice */
	size_t seen_size; /* of their texts */
	struct buf out;
	bool printed; /* something was, before what is in out */
	bool partial; /* the input is longer than a piece */
};

/* The provider that --provider means: its name, or an address that it gives out. */
static int
find_provider(struct job *job, struct err *e)
{
	const char *name = job->options->provider;
	struct slice domain = str_slice(name);

	if (name == NULL)
		return 0;
	job->provider = conf_provider_find(job->more, str_slice(name));
	if (job->provider == NULL && strchr(name, '@') != NULL) {
		(void)str_cut(&domain, '@');
		job->provider = conf_provider_of_domain(job->more, domain);
	}
	if (job->provider != NULL || explain_knows(name))
		return 0;
	(void)conf_provider_unknown(job->more, str_slice(name), e);
	e->ex = EX_USAGE;
	return err_prefix(e, "option --provider");
}

static int
find_stage(struct job *job, struct err *e)
{
	const char *word = job->options->stage;

	if (word == NULL || strcmp(word, "any") == 0)
		return 0;
	job->stage = explain_stage_of(str_slice(word));
	if (job->stage != EXPLAIN_UNKNOWN)
		return 0;
	(void)err_set(e, EX_USAGE, "option --stage: '%s' is no stage", word);
	return err_hint(e, "it is connect, ehlo, tls, auth, mail, rcpt, data, dsn or any");
}

/* --- what is said --- */

/* When to try again, for a person. */
static const char *
retry_sentence(enum explain_retry retry)
{
	/* In the order of the enum. */
	static const char *const sentences[] = {
	    N_("at once"),
	    N_("in some minutes"),
	    N_("in some hours"),
	    N_("tomorrow"),
	    N_("at once, with fewer recipients"),
	    N_("after you have done what the remedy says"),
	    N_("never with this message and recipient"),
	};

	return sentences[retry];
}

static void
write_text(struct job *job, const struct explain_excerpt *x, const struct explain_verdict *v)
{
	struct app_paragraph p = APP_PARAGRAPH_INIT(&job->out, STDOUT_FILENO);

	if (job->printed || job->out.len > 0)
		buf_addc(&job->out, '\n');
	if (x->code > 0)
		buf_addf(&job->out, "%d ", x->code);
	if (x->enhanced[0] != '\0')
		buf_addf(&job->out, "%s ", x->enhanced);
	buf_add_escaped(&job->out, buf_slice(&x->text));
	buf_addc(&job->out, '\n');
	app_paragraph_add(&p, _("class"), v->class);
	app_paragraph_add(&p, _("cause"), i18n_text(v->cause));
	app_paragraph_add(&p, _("remedy"), i18n_text(v->remedy));
	app_paragraph_add(&p, _("page"), v->page);
	app_paragraph_add(&p, _("again"), i18n_text(retry_sentence(v->retry)));
}

static void
write_json(struct job *job, const struct explain_excerpt *x, const struct explain_verdict *v)
{
	struct json j = JSON_INIT(&job->out);

	json_object(&j, NULL);
	json_number(&j, "code", x->code);
	json_text(&j, "enhanced", str_slice(x->enhanced));
	json_text(&j, "text", buf_slice(&x->text));
	json_text(&j, "class", str_slice(v->class));
	json_text(&j, "retry", str_slice(explain_retry_word(v->retry)));
	json_number(&j, "exit", v->ex);
	json_text(&j, "cause", str_slice(i18n_text(v->cause)));
	json_text(&j, "remedy", str_slice(i18n_text(v->remedy)));
	json_text(&j, "page", str_slice(v->page));
	json_object_end(&j);
	buf_addc(&job->out, '\n');
}

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Was the same explained before in this run? A log may have more than are kept: then it is told
 * again. */
static bool
is_repeated(struct job *job, const struct explain_excerpt *x)
{
	struct buf text = BUF_INIT(8 * EXPLAIN_EXCERPT_MAX);
	bool found;
	char *key;

	buf_addf(&text, "%d %s ", x->code, x->enhanced);
	buf_add_escaped(&text, buf_slice(&x->text));
	found = tfind(buf_text(&text), &job->seen, compare) != NULL;
	key = !found && job->seen_size + text.len <= SEEN_MAX ? strdup(buf_text(&text)) : NULL;
	if (key != NULL && tsearch(key, &job->seen, compare) == NULL)
		free(key);
	else if (key != NULL)
		job->seen_size += text.len;
	buf_free(&text);
	return found;
}

static void
forget_all(struct job *job)
{
	while (job->seen != NULL) {
		char *key = *(char **)job->seen;

		(void)tdelete(key, &job->seen, compare);
		free(key);
	}
}

/* Explains X. False where that cannot be: it has neither a code nor words that are known. */
static bool
explain(struct job *job, const struct explain_excerpt *x)
{
	const char *asked = job->options->provider;
	struct explain_question q = {
	    .stage = job->stage != EXPLAIN_UNKNOWN ? job->stage : x->stage,
	    .provider = job->provider != NULL ? job->provider->name : asked,
	    .code = x->code,
	    .enhanced = x->enhanced,
	    .text = buf_slice(&x->text),
	};
	struct explain_verdict v = explain_reply(&q);

	if (x->code == 0 && !v.by_text)
		return false;
	if (is_repeated(job, x))
		return true;
	if (v.page[0] == '\0' && job->provider != NULL && strcmp(v.class, "auth_app_password") == 0)
		v.page = job->provider->app_page;
	if (job->options->json)
		write_json(job, x, &v);
	else
		write_text(job, x, &v);
	return true;
}

/* --- what is asked --- */

static void
take_operands(const struct app_options *options, struct buf *text)
{
	for (size_t i = 0; i < options->operand_count; i++) {
		if (i > 0)
			buf_addc(text, ' ');
		buf_adds(text, options->operands[i]);
	}
}

/* Appends what standard input has to TEXT. 1 where there may be more than fits, 0 at its end. */
static int
fill(struct buf *text, struct err *e)
{
	while (text->len + BLOCK <= PIECE) {
		char *room = buf_room(text, BLOCK);
		ssize_t n = room != NULL ? read(STDIN_FILENO, room, BLOCK) : -1;

		if (room == NULL)
			return err_set(e, EX_TEMPFAIL, "out of memory");
		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return err_set_errno(e, EX_IOERR, errno, "cannot read standard input");
		if (n > 0)
			buf_grew(text, (size_t)n);
	}
	return 1;
}

/* Explains the replies in TEXT, and prints that. 1 where there was one, else 0. */
static int
explain_piece(struct job *job, struct slice text, struct err *e)
{
	struct explain_excerpt x = EXPLAIN_EXCERPT_INIT;
	struct slice rest = text;
	int rc, found = 0;

	while (explain_excerpt_next(&rest, &x)) {
		found = 1;
		(void)explain(job, &x);
	}
	if (!found && !job->partial) {
		explain_excerpt_whole(text, &x);
		found = explain(job, &x);
	}
	buf_free(&x.text);
	rc = file_write(STDOUT_FILENO, "standard output", job->out.data, job->out.len, e);
	job->printed = job->printed || job->out.len > 0;
	buf_reset(&job->out);
	return rc == 0 ? found : -1;
}

static int
fail_without_reply(bool empty, struct err *e)
{
	if (empty) {
		(void)err_set(e, EX_DATAERR, "there is nothing to explain");
		return err_hint(e, "give a reply, such as: imbuca explain 550 5.1.1 User unknown");
	}
	(void)err_set(e, EX_DATAERR, "there is no refusal in this");
	return err_hint(
	    e, "a refusal begins with 4 or 5; replies with 2 or 3 say that all is well");
}

/* Explains what is in TEXT, and where there were no operands, what standard input has. */
static int
explain_all(struct job *job, struct buf *text, struct err *e)
{
	bool found = false, empty = true;
	int more = 1, rc;

	while (more == 1) {
		struct slice piece;

		more = job->options->operand_count == 0 ? fill(text, e) : 0;
		job->partial = job->partial || more == 1;
		piece = more == 1 ? str_whole_lines(buf_slice(text)) : buf_slice(text);
		rc = more >= 0 ? explain_piece(job, piece, e) : -1;
		if (rc < 0)
			return -1;
		found = found || rc == 1;
		empty = empty && str_trim(piece).len == 0;
		buf_consume(text, piece.len);
	}
	return found ? 0 : fail_without_reply(empty, e);
}

int
app_explain_run(const struct app_options *options, struct err *e)
{
	struct job job = {.options = options, .out = BUF_INIT(OUTPUT_MAX)};
	struct buf text = BUF_INIT(PIECE);
	int rc = conf_provider_file_load(&job.more, e);

	if (rc == 0)
		rc = find_provider(&job, e);
	if (rc == 0)
		rc = find_stage(&job, e);
	take_operands(options, &text);
	if (rc == 0)
		rc = explain_all(&job, &text, e);
	buf_free(&text);
	buf_free(&job.out);
	forget_all(&job);
	conf_provider_file_free(job.more);
	return rc;
}
