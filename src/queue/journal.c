/*
 * journal: see journal.h.
 */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>

#include "base/checksum.h"
#include "queue/journal.h"
#include "queue/text.h"

#include "base/banned.h"

static const char *const kinds[QUEUE_EVENTS] = {
    "sent", "deferred", "refused", "next", "retry", "told"};

enum { CHECKSUM_SIZE = 8 };

void
queue_journal_name(char out[QUEUE_JOURNAL_NAME_SIZE], const char *id)
{
	(void)snprintf(out, QUEUE_JOURNAL_NAME_SIZE, "%s.log", id);
}

static void
add_moment(struct buf *out, int64_t moment)
{
	buf_addc(out, ' ');
	if (moment == 0)
		buf_addc(out, '-');
	else
		queue_text_add_time(out, moment);
}

static void
add_word(struct buf *out, const char *word)
{
	buf_addf(out, " %s", word[0] != '\0' ? word : "-");
}

void
queue_journal_write(struct buf *out, const struct queue_event *event)
{
	struct buf line = BUF_INIT(QUEUE_JOURNAL_LINE_MAX);
	struct slice text = event->text;

	if (text.len > QUEUE_JOURNAL_TEXT_MAX)
		text.len = QUEUE_JOURNAL_TEXT_MAX;
	queue_text_add_time(&line, event->time);
	buf_addf(&line, " %s ", kinds[event->kind]);
	if (event->first > event->last)
		buf_addc(&line, '-');
	else
		buf_addf(&line, "%zu-%zu", event->first, event->last);
	add_moment(&line, event->moment);
	add_word(&line, event->word);
	buf_addf(&line, " %d", event->code);
	add_word(&line, event->enhanced);
	buf_addc(&line, ' ');
	queue_text_add(&line, text);
	buf_addf(out, "%08" PRIx32 " %s\n", checksum_add(0, line.data, line.len), buf_text(&line));
	buf_free(&line);
}

void
queue_journal_print(struct buf *out, const struct queue_event *event)
{
	struct buf text = BUF_INIT(QUEUE_JOURNAL_LINE_MAX);

	if (event->code != 0)
		buf_addf(&text, "%d %s%s", event->code, event->enhanced,
		    event->enhanced[0] != '\0' ? " " : "");
	(void)queue_text_read(&text, event->text);
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '\n' || text.data[i] == '\r')
			text.data[i] = ' ';
	}
	buf_add_escaped(out, buf_slice(&text));
	buf_free(&text);
}

static bool
read_kind(struct slice word, enum queue_event_kind *out)
{
	for (size_t i = 0; i < QUEUE_EVENTS; i++) {
		if (str_is(word, kinds[i])) {
			*out = (enum queue_event_kind)i;
			return true;
		}
	}
	return false;
}

static bool
read_recipients(struct slice text, size_t *first, size_t *last)
{
	struct slice from = str_cut(&text, '-');
	uint64_t a = 1, b = 0;

	if ((from.len > 0 || text.len > 0) &&
	    (!str_number(from, 0, UINT32_MAX, &a) || !str_number(text, a, UINT32_MAX, &b)))
		return false;
	*first = (size_t)a;
	*last = (size_t)b;
	return true;
}

static bool
read_moment(struct slice text, int64_t *out)
{
	*out = 0;
	return str_is(text, "-") || queue_text_read_time(text, out);
}

static bool
read_word(struct slice text, char *out, size_t size)
{
	return str_copy(out, size, str_is(text, "-") ? str_slice("") : text) && text.len > 0;
}

/* Is the checksum at the start of *LINE the one of what follows? Cuts it off. */
static bool
take_checksum(struct slice *line)
{
	char said[CHECKSUM_SIZE + 1];
	struct slice first = str_cut(line, ' ');

	(void)snprintf(said, sizeof said, "%08" PRIx32, checksum_add(0, line->ptr, line->len));
	return line->ptr != NULL && str_is(first, said);
}

bool
queue_journal_read(struct slice line, struct queue_event *event)
{
	uint64_t code = 0;
	struct slice text;

	*event = (struct queue_event){.first = 1};
	if (!take_checksum(&line) || !queue_text_read_time(str_cut(&line, ' '), &event->time) ||
	    !read_kind(str_cut(&line, ' '), &event->kind) ||
	    !read_recipients(str_cut(&line, ' '), &event->first, &event->last) ||
	    !read_moment(str_cut(&line, ' '), &event->moment) ||
	    !read_word(str_cut(&line, ' '), event->word, sizeof event->word))
		return false;
	text = str_cut(&line, ' ');
	if (!str_number(text, 0, 999, &code) ||
	    !read_word(str_cut(&line, ' '), event->enhanced, sizeof event->enhanced))
		return false;
	event->code = (int)code;
	event->text = line;
	return true;
}
