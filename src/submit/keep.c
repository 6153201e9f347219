/*
 * keep: see keep.h.
 */
#include <config.h>

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "queue/insert.h"
#include "submit/keep.h"

#include "base/banned.h"

/* Does a recipient of whom an event of KIND tells stay in the queue? */
static bool
stays(const struct submit_keep *keep, enum queue_event_kind kind)
{
	return kind == QUEUE_EVENT_DEFERRED || (keep->refused && kind == QUEUE_EVENT_REFUSED);
}

static bool
waits(const struct submit_keep *keep, size_t index)
{
	return keep->attempt == NULL || stays(keep, keep->attempt->kinds[index]);
}

/* Makes OUT, zeros before, of what waits. */
static int
make_envelope(const struct submit_keep *keep, struct queue_envelope *out, struct err *e)
{
	const struct mail_envelope *from = keep->envelope;

	out->account = strdup(keep->account->name);
	out->accounts = keep->accounts != NULL ? strdup(keep->accounts) : NULL;
	if (out->account == NULL || (out->accounts == NULL) != (keep->accounts == NULL))
		return err_set(e, EX_TEMPFAIL, "no memory for an envelope");
	out->time = time(NULL);
	out->uid = getuid();
	out->mail.body = from->body;
	out->mail.ret = from->ret;
	(void)str_copy(out->mail.envid, sizeof out->mail.envid, str_slice(from->envid));
	if (mail_envelope_set_sender(&out->mail, &from->sender, e) != 0)
		return -1;
	for (size_t i = 0; i < from->count; i++) {
		if (waits(keep, i) &&
		    mail_envelope_add_recipient(&out->mail, &from->recipients[i], e) < 0)
			return -1;
	}
	return 0;
}

static int
write_content(struct queue_insert *insert, const struct mail_message *message, struct err *e)
{
	struct mail_message_stream *stream = mail_message_stream_open(message, false, e);
	struct slice block;
	int rc = stream != NULL ? 1 : -1;

	while (rc == 1 && (rc = mail_message_stream_next(stream, &block, e)) == 1) {
		if (queue_insert_write(insert, block, e) != 0)
			rc = -1;
	}
	mail_message_stream_close(stream);
	return rc;
}

/* Takes over what happened to those that stay, by their numbers in the queue. */
static void
add_events(struct queue_insert *insert, const struct submit_keep *keep)
{
	const struct submit_attempt *attempt = keep->attempt;
	size_t number = 0;

	for (size_t i = 0; i < attempt->count; i++) {
		struct queue_event event = attempt->events[i];

		if (stays(keep, event.kind)) {
			event.last = number + event.last - event.first;
			event.first = number;
			number = event.last + 1;
		}
		if (stays(keep, event.kind) || event.kind == QUEUE_EVENT_NEXT)
			queue_insert_event(insert, &event);
	}
}

int
submit_keep(struct submit_keep *keep, struct err *e)
{
	struct queue_envelope envelope = {.account = NULL};
	struct queue_insert insert = {.spool = keep->spool, .fd = -1};
	int rc = make_envelope(keep, &envelope, e);

	if (rc == 0)
		rc = queue_insert_open(&insert, keep->spool, &envelope, e);
	if (rc == 0)
		rc = write_content(&insert, keep->message, e);
	if (rc == 0 && keep->attempt != NULL)
		add_events(&insert, keep);
	if (rc == 0)
		rc = queue_insert_commit(&insert, e);
	(void)str_copy(keep->id, sizeof keep->id, str_slice(insert.id));
	queue_insert_close(&insert);
	queue_envelope_free(&envelope);
	return rc;
}

bool
submit_keep_helps(const struct submit_attempt *attempt, const struct err *e)
{
	return attempt->waiting > 0 && attempt->retry != EXPLAIN_RETRY_NO &&
	       (attempt->retry != EXPLAIN_RETRY_FIX || attempt->account) && e->ex != EX_CONFIG &&
	       e->ex != EX_IOERR && e->ex != EX_SOFTWARE && e->ex != EX_USAGE;
}
