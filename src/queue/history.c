/*
 * history: see history.h.
 */
#include <config.h>

#include <stdlib.h>

#include "queue/history.h"

#include "base/banned.h"

static const struct {
	unsigned bit;
	const char *word;
} told[] = {
    {QUEUE_TOLD_FAILURE, "failure"},
    {QUEUE_TOLD_DELAY, "delay"},
    {QUEUE_TOLD_FIX, "fix"},
    {QUEUE_TOLD_SUCCESS, "success"},
};

enum { TOLD = sizeof told / sizeof told[0] };

const char *
queue_history_told_word(unsigned bit)
{
	for (size_t i = 0; i < TOLD; i++) {
		if (told[i].bit == bit)
			return told[i].word;
	}
	return "";
}

static unsigned
told_bit(const char *word)
{
	for (size_t i = 0; i < TOLD; i++) {
		if (str_is(str_slice(word), told[i].word))
			return told[i].bit;
	}
	return 0;
}

/* What EVENT means for one of its recipients. */
static void
apply_to(struct queue_recipient *r, const struct queue_event *event)
{
	static const enum queue_state states[QUEUE_EVENTS] = {
	    [QUEUE_EVENT_SENT] = QUEUE_STATE_SENT,
	    [QUEUE_EVENT_DEFERRED] = QUEUE_STATE_WAITING,
	    [QUEUE_EVENT_REFUSED] = QUEUE_STATE_REFUSED,
	};

	if (event->kind == QUEUE_EVENT_TOLD) {
		r->told |= told_bit(event->word);
		return;
	}
	r->state = states[event->kind];
	r->last = *event;
}

static void
apply(struct queue_history *h, const struct queue_event *event)
{
	if (event->kind == QUEUE_EVENT_NEXT) {
		h->attempts++;
		h->splits += str_is(str_slice(event->word), "split");
		h->end = *event;
	}
	if (event->kind == QUEUE_EVENT_NEXT || event->kind == QUEUE_EVENT_RETRY) {
		h->next = event->moment;
		return;
	}
	for (size_t i = event->first; i <= event->last && i < h->count; i++)
		apply_to(&h->recipients[i], event);
}

int
queue_history_make(struct queue_history *out, struct buf *journal, size_t count, struct err *e)
{
	struct slice rest;

	*out = (struct queue_history){
	    .recipients = calloc(count, sizeof *out->recipients),
	    .count = count,
	};
	if (out->recipients == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for a message's history");
	if (journal != NULL) {
		out->journal = *journal;
		*journal = (struct buf)BUF_INIT(0);
	}
	rest = buf_slice(&out->journal);
	while (rest.len > 0) {
		struct slice line = str_cut(&rest, '\n');
		struct queue_event event;

		if (queue_journal_read(line, &event))
			apply(out, &event);
		else if (line.len > 0)
			out->torn++;
	}
	return 0;
}

size_t
queue_history_count(const struct queue_history *history, enum queue_state state)
{
	size_t count = 0;

	for (size_t i = 0; i < history->count; i++)
		count += history->recipients[i].state == state;
	return count;
}

/* Is EVENT, one of the journal, the last that was said of a recipient? */
static bool
is_last(const struct queue_history *h, const struct queue_event *event)
{
	for (size_t i = event->first; i <= event->last && i < h->count; i++) {
		const struct queue_event *last = &h->recipients[i].last;

		if (last->kind == event->kind && last->text.ptr == event->text.ptr)
			return true;
	}
	return false;
}

void
queue_history_shorten(const struct queue_history *history, struct buf *out)
{
	struct slice rest = buf_slice(&history->journal);

	while (rest.len > 0) {
		struct slice line = str_cut(&rest, '\n');
		struct queue_event event;

		if (!queue_journal_read(line, &event))
			continue;
		if (event.kind >= QUEUE_EVENT_NEXT || is_last(history, &event)) {
			buf_add_slice(out, line);
			buf_addc(out, '\n');
		}
	}
}

void
queue_history_free(struct queue_history *history)
{
	free(history->recipients);
	buf_free(&history->journal);
	*history = (struct queue_history){.recipients = NULL};
}
