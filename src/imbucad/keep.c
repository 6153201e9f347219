/*
 * keep: see keep.h.
 */
#include <config.h>

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "deliver/failure.h"
#include "imbucad/keep.h"
#include "queue/insert.h"
#include "submit/attempt.h"
#include "submit/retry.h"

#include "base/banned.h"

enum { BLOCK = 64 << 10, RECEIVED_MAXIMUM = 8192 };

/* Makes OUT of KEEP; its envelope is KEEP's, and is not OUT's to free. */
static int
make_envelope(const struct imbucad_job *job, const struct imbucad_keep *keep,
    struct queue_envelope *out, struct err *e)
{
	const struct conf_daemon *conf = job->h->conf;
	const char *account = keep->account;

	if (account == NULL)
		account = conf->account != NULL ? conf->account : "default";
	*out = (struct queue_envelope){.mail = *keep->envelope,
	    .account = strdup(account),
	    .time = time(NULL),
	    .uid = job->m.origin.kind == IMBUCAD_ORIGIN_UNIX ? job->m.origin.uid : geteuid()};
	return out->account != NULL ? 0 : err_set(e, EX_TEMPFAIL, "no memory for an envelope");
}

static int
copy_message(const struct imbucad_job *job, const struct imbucad_keep *keep,
    struct queue_insert *insert, struct err *e)
{
	struct buf received = BUF_INIT(RECEIVED_MAXIMUM);
	char block[BLOCK];
	off_t at = 0;
	ssize_t n;
	int status;

	imbucad_job_trace(job, &received);
	status = queue_insert_write(insert, keep->top, e);
	if (status == 0)
		status = queue_insert_write(insert, buf_slice(&received), e);
	buf_free(&received);
	while (status == 0 && (n = pread(job->m.fd, block, sizeof block, at)) != 0) {
		if (n == -1 && errno != EINTR)
			return err_set_errno(e, EX_TEMPFAIL, errno, "cannot read the message");
		if (n == -1)
			continue;
		status = queue_insert_write(insert, (struct slice){block, (size_t)n}, e);
		at += n;
	}
	return status;
}

/* When those that wait are due. */
static void
add_next(struct queue_insert *insert, const struct imbucad_keep *keep)
{
	int64_t now = time(NULL);
	struct queue_event next = {.kind = QUEUE_EVENT_NEXT, .time = now, .first = 1};
	enum explain_retry retry = EXPLAIN_RETRY_NO;

	for (size_t i = 0; i < keep->count; i++) {
		if (keep->events[i].kind == QUEUE_EVENT_DEFERRED)
			retry = EXPLAIN_RETRY_BACKOFF;
	}
	if (retry != EXPLAIN_RETRY_NO)
		next.moment = submit_retry_next(retry, 1, "", now);
	(void)str_copy(next.word, sizeof next.word, str_slice(explain_retry_word(retry)));
	queue_insert_event(insert, &next);
}

/* The runner looks into the queue. That a hundred such words wait for it already is fine. */
static void
wake_runner(const struct imbucad_handover *h)
{
	(void)send(h->runner, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int
imbucad_keep(struct imbucad_job *job, const struct imbucad_keep *keep, struct err *e)
{
	struct queue_insert insert = {.spool = job->h->queue, .fd = -1};
	struct queue_envelope envelope = {.account = NULL};
	int status = make_envelope(job, keep, &envelope, e);

	if (status == 0)
		status = queue_insert_open(&insert, job->h->queue, &envelope, e);
	if (status == 0)
		status = copy_message(job, keep, &insert, e);
	for (size_t i = 0; i < keep->count; i++)
		queue_insert_event(&insert, &keep->events[i]);
	if (keep->count > 0)
		add_next(&insert, keep);
	if (status == 0)
		status = queue_insert_commit(&insert, e);
	if (status == 0)
		(void)str_copy(job->queued, sizeof job->queued, str_slice(insert.id));
	queue_insert_close(&insert);
	free(envelope.account);
	if (status == -1)
		return deliver_failure_reply(e, 451, "4.3.0");
	wake_runner(job->h);
	return 0;
}

struct queue_event
imbucad_keep_event(size_t number, const struct err *result)
{
	struct queue_event event = {
	    .kind = QUEUE_EVENT_SENT, .time = time(NULL), .first = number, .last = number};

	(void)str_copy(event.word, sizeof event.word, str_slice(SUBMIT_ATTEMPT_DELIVERED));
	if (result->ex == 0)
		return event;
	event.kind = result->code >= 500 ? QUEUE_EVENT_REFUSED : QUEUE_EVENT_DEFERRED;
	(void)str_copy(event.word, sizeof event.word, str_slice("data"));
	event.code = result->code;
	(void)str_copy(event.enhanced, sizeof event.enhanced, str_slice(result->enhanced));
	event.text = str_slice(result->msg);
	return event;
}
