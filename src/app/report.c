/*
 * report: see report.h.
 */
#include <config.h>

#include <stdio.h>
#include <unistd.h>

#include "app/report.h"
#include "app/terminal.h"
#include "base/deadline.h"
#include "base/file.h"
#include "base/i18n.h"

#include "base/banned.h"

enum {
	JSON_MAX = 1 << 20,
	LINE_MAX_BYTES = 4096,
	MARK_COLUMNS = 9,
	TIME_COLUMNS = 10,
	TOPIC_COLUMNS = 13,
};

static const struct {
	const char *word, *colour;
} marks[] = {
    [APP_REPORT_OK] = {N_("ok"), "32"},
    [APP_REPORT_NOTE] = {N_("note"), "36"},
    [APP_REPORT_WARNING] = {N_("warning"), "33"},
    [APP_REPORT_FAILED] = {N_("failed"), "31;1"},
};

/* Appends TEXT and blanks up to COLUMNS; what follows a character's first byte takes none. */
static void
add_column(struct buf *out, const char *text, size_t columns)
{
	size_t width = 0;

	for (const char *at = text; *at != '\0'; at++)
		width += ((unsigned char)*at & 0xc0) != 0x80 ? 1 : 0;
	buf_adds(out, text);
	buf_addf(out, "%*s", width < columns ? (int)(columns - width) : 1, "");
}

static void
put(struct app_report *r, const struct buf *line)
{
	if (r->trouble.ex == 0)
		(void)file_write(
		    STDOUT_FILENO, "standard output", line->data, line->len, &r->trouble);
}

/* The words of FORMAT in the reader's language, without control bytes, in OUT. */
static void __attribute__((format(printf, 2, 0)))
say(struct buf *out, const char *format, va_list args)
{
	char raw[LINE_MAX_BYTES];

	(void)vsnprintf(raw, sizeof raw, i18n_text(format), args);
	buf_add_escaped(out, str_slice(raw));
}

void
app_report_open(struct app_report *r, bool json, bool timed)
{
	*r = (struct app_report){.json = json, .timed = timed, .out = BUF_INIT(JSON_MAX)};
	r->colour = !json && app_terminal_colours(STDOUT_FILENO);
	r->writer = (struct json)JSON_INIT(&r->out);
	app_report_start(r);
	if (!json)
		return;
	json_object(&r->writer, NULL);
	json_array(&r->writer, "findings");
}

void
app_report_start(struct app_report *r)
{
	r->since = deadline_now();
}

/* --- as JSON --- */

static void
close_finding(struct app_report *r)
{
	if (r->listing)
		json_array_end(&r->writer);
	if (r->open)
		json_object_end(&r->writer);
	r->open = r->listing = false;
}

static void
open_finding(struct app_report *r, enum app_report_mark mark, const char *topic, int64_t took,
    const struct buf *text)
{
	close_finding(r);
	json_object(&r->writer, NULL);
	json_text(&r->writer, "topic", str_slice(topic));
	json_text(&r->writer, "mark", str_slice(marks[mark].word));
	if (r->timed)
		json_number(&r->writer, "ms", took);
	json_text(&r->writer, "text", buf_slice(text));
	r->open = true;
}

static void
list_more(struct app_report *r, const struct buf *text)
{
	if (!r->listing)
		json_array(&r->writer, "more");
	r->listing = true;
	json_text(&r->writer, NULL, buf_slice(text));
}

/* --- as lines --- */

static void
print_finding(struct app_report *r, enum app_report_mark mark, const char *topic, int64_t took,
    const struct buf *text)
{
	struct buf line = BUF_INIT(2 * LINE_MAX_BYTES);

	if (r->colour)
		buf_addf(&line, "\33[%sm", marks[mark].colour);
	add_column(&line, i18n_text(marks[mark].word), MARK_COLUMNS);
	if (r->colour)
		buf_adds(&line, "\33[m");
	if (r->timed)
		buf_addf(&line, "%*lld ms  ", TIME_COLUMNS - 5, (long long)took);
	add_column(&line, i18n_text(topic), TOPIC_COLUMNS);
	buf_add_slice(&line, buf_slice(text));
	buf_addc(&line, '\n');
	put(r, &line);
	buf_free(&line);
}

static void
print_more(struct app_report *r, const struct buf *text)
{
	struct buf line = BUF_INIT(2 * LINE_MAX_BYTES);

	buf_addf(&line, "%*s", MARK_COLUMNS + (r->timed ? TIME_COLUMNS : 0) + TOPIC_COLUMNS, "");
	buf_add_slice(&line, buf_slice(text));
	buf_addc(&line, '\n');
	put(r, &line);
	buf_free(&line);
}

void
app_report_add(
    struct app_report *r, enum app_report_mark mark, const char *topic, const char *format, ...)
{
	struct buf text = BUF_INIT(LINE_MAX_BYTES);
	int64_t took = deadline_now() - r->since;
	va_list args;

	va_start(args, format);
	say(&text, format, args);
	va_end(args);
	if (r->json)
		open_finding(r, mark, topic, took, &text);
	else
		print_finding(r, mark, topic, took, &text);
	buf_free(&text);
	app_report_start(r);
}

void
app_report_more(struct app_report *r, const char *format, ...)
{
	struct buf text = BUF_INIT(LINE_MAX_BYTES);
	va_list args;

	va_start(args, format);
	say(&text, format, args);
	va_end(args);
	if (r->json)
		list_more(r, &text);
	else
		print_more(r, &text);
	buf_free(&text);
}

void
app_report_fail(struct app_report *r, const char *topic, const struct err *e)
{
	app_report_add(r, APP_REPORT_FAILED, topic, "%s", e->msg);
}

void
app_report_conclude(struct app_report *r, const char *key, const char *format, ...)
{
	struct buf text = BUF_INIT(LINE_MAX_BYTES);
	va_list args;

	va_start(args, format);
	say(&text, format, args);
	va_end(args);
	if (r->json) {
		close_finding(r);
		if (!r->spaced)
			json_array_end(&r->writer);
		json_text(&r->writer, key, buf_slice(&text));
	} else {
		struct buf line = BUF_INIT(2 * LINE_MAX_BYTES);

		buf_addf(&line, "%s%s\n", r->spaced ? "" : "\n", buf_text(&text));
		put(r, &line);
		buf_free(&line);
	}
	r->spaced = true;
	buf_free(&text);
}

int
app_report_close(struct app_report *r, struct err *e)
{
	if (r->json) {
		close_finding(r);
		if (!r->spaced)
			json_array_end(&r->writer);
		json_object_end(&r->writer);
		buf_addc(&r->out, '\n');
		if (r->out.full)
			(void)err_set(&r->trouble, EX_TEMPFAIL, "out of memory");
		put(r, &r->out);
	}
	buf_free(&r->out);
	if (r->trouble.ex == 0)
		return 0;
	*e = r->trouble;
	return -1;
}
