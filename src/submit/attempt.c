/*
 * attempt: see attempt.h.
 */
#include <config.h>

#include <stdlib.h>
#include <time.h>

#include "submit/attempt.h"
#include "submit/outcome.h"
#include "submit/retry.h"

#include "base/banned.h"

enum { TEXTS_MAX = 8 << 20 }; /* bytes of what is kept of the replies to one attempt */

static const char *
stage_word(enum explain_stage stage)
{
	static const struct {
		enum explain_stage stage;
		const char *word;
	} rows[] = {{EXPLAIN_MAIL, "mail"}, {EXPLAIN_RCPT, "rcpt"}, {EXPLAIN_DATA, "data"}};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].stage == stage)
			return rows[i].word;
	}
	return "session";
}

/* How long until recipient INDEX, which the message has not gone to, is worth another try. */
static enum explain_retry
retry_of(const struct submit_send *send, size_t index, const struct err *e)
{
	const struct smtp_transaction_fate *fate =
	    send->transaction.fates != NULL ? &send->transaction.fates[index] : NULL;

	if (fate == NULL || fate->reply.code < 400)
		return submit_retry_of_error(e);
	return smtp_reply_explain(&fate->reply, fate->stage, conf_account_provider(send->account))
	    .retry;
}

/* What happened to recipient INDEX of the envelope that was sent. */
static struct queue_event
event_of(
    const struct submit_send *send, size_t index, const struct err *e, enum explain_retry *retry)
{
	struct queue_event event = {.time = time(NULL), .first = index, .last = index};
	const struct smtp_transaction_fate *fate =
	    send->transaction.fates != NULL ? &send->transaction.fates[index] : NULL;
	bool delivered = smtp_transaction_delivered(&send->transaction, index);

	*retry = delivered ? EXPLAIN_RETRY_NO : retry_of(send, index, e);
	if (delivered)
		event.kind = QUEUE_EVENT_SENT;
	else
		event.kind =
		    *retry == EXPLAIN_RETRY_NO ? QUEUE_EVENT_REFUSED : QUEUE_EVENT_DEFERRED;
	if (fate != NULL && (delivered || fate->reply.code >= 400)) {
		const char *word =
		    delivered && !send->reports ? SUBMIT_ATTEMPT_RELAYED : stage_word(fate->stage);

		(void)str_copy(event.word, sizeof event.word, str_slice(word));
		event.code = fate->reply.ours ? 0 : fate->reply.code;
		(void)str_copy(
		    event.enhanced, sizeof event.enhanced, str_slice(fate->reply.enhanced));
		event.text = buf_slice(&fate->reply.text);
		return event;
	}
	(void)str_copy(event.word, sizeof event.word, str_slice("session"));
	event.code = e->code;
	(void)str_copy(event.enhanced, sizeof event.enhanced, str_slice(e->enhanced));
	event.text = str_slice(e->msg);
	return event;
}

/* Is B the same event as A, of the next recipient? */
static bool
follows(const struct queue_event *a, const struct queue_event *b)
{
	return a->kind == b->kind && a->code == b->code && a->last + 1 == b->first &&
	       str_is(str_slice(a->enhanced), b->enhanced) && str_is(str_slice(a->word), b->word) &&
	       str_equal(a->text, b->text);
}

static void
add(struct submit_attempt *out, const struct queue_event *event)
{
	struct queue_event *last = out->count > 0 ? &out->events[out->count - 1] : NULL;

	if (last != NULL && follows(last, event))
		last->last = event->last;
	else
		out->events[out->count++] = *event;
}

/* A server may say something else of each recipient, and the journal takes it all. */
static void
cut_text(struct queue_event *event, size_t recipients)
{
	if (event->text.len > TEXTS_MAX / recipients)
		event->text.len = TEXTS_MAX / recipients;
}

/* Counts recipient INDEX and adds what happened to it. */
static void
take(struct submit_attempt *out, const struct submit_send *send, size_t index, const struct err *e,
    const size_t *numbers)
{
	enum explain_retry retry;
	struct queue_event event = event_of(send, index, e, &retry);

	out->kinds[index] = event.kind;
	if (event.kind == QUEUE_EVENT_SENT)
		out->sent++;
	else if (event.kind == QUEUE_EVENT_REFUSED)
		out->refused++;
	else if (out->waiting++ == 0 || retry < out->retry)
		out->retry = retry;
	if (numbers != NULL)
		event.first = event.last = numbers[index];
	cut_text(&event, send->envelope->count);
	add(out, &event);
}

/* Had each transaction one recipient alone? */
static bool
is_split(const struct submit_send *send)
{
	return send->transaction.most == 1 || send->envelope->count == 1;
}

/* The attempt ends: when is the next? */
static void
end(struct submit_attempt *out, int rc, const struct err *e, unsigned attempts, const char *before)
{
	int64_t now = time(NULL);
	struct queue_event event = {.kind = QUEUE_EVENT_NEXT, .time = now, .first = 1};

	if (out->waiting > 0)
		event.moment = submit_retry_next(out->retry, attempts + 1, before, now);
	(void)str_copy(event.word, sizeof event.word,
	    str_slice(explain_retry_word(out->waiting > 0 ? out->retry : EXPLAIN_RETRY_NO)));
	if (rc != 0) {
		event.code = e->code;
		(void)str_copy(event.enhanced, sizeof event.enhanced, str_slice(e->enhanced));
		event.text = str_slice(e->msg);
	}
	out->events[out->count++] = event;
}

/* Has the server said nothing that decides about the message? */
static bool
is_silent(const struct submit_send *send)
{
	for (size_t i = 0; send->transaction.fates != NULL && i < send->envelope->count; i++) {
		if (send->transaction.fates[i].reply.code != 0)
			return false;
	}
	return true;
}

int
submit_attempt_make(struct submit_attempt *out, const struct submit_send *send, int rc,
    const struct err *e, const size_t *numbers, unsigned attempts, const char *before,
    struct err *failure)
{
	size_t all = send->envelope->count;

	*out = (struct submit_attempt){
	    .events = calloc(all + 1, sizeof *out->events),
	    .kinds = calloc(all, sizeof *out->kinds),
	    .retry = EXPLAIN_RETRY_NO,
	};
	if (out->events == NULL || out->kinds == NULL) {
		submit_attempt_free(out);
		return err_set(failure, EX_TEMPFAIL, "no memory for the recipients");
	}
	for (size_t i = 0; i < all; i++)
		take(out, send, i, e, numbers);
	out->account = rc != 0 && is_silent(send) && (!send->reached || e->ex == EX_NOPERM);
	if (out->retry == EXPLAIN_RETRY_SPLIT && is_split(send))
		out->retry = EXPLAIN_RETRY_BACKOFF;
	end(out, rc, e, attempts, before);
	return 0;
}

void
submit_attempt_free(struct submit_attempt *attempt)
{
	free(attempt->events);
	free(attempt->kinds);
	*attempt = (struct submit_attempt){.events = NULL};
}
