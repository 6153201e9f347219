/*
 * onward: see onward.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deliver/failure.h"
#include "imbucad/journal.h"
#include "imbucad/keep.h"
#include "imbucad/onward.h"
#include "imbucad/relay.h"

#include "base/banned.h"

enum {
	RELAY_TIMEOUT = 320000, /* milliseconds: longer than the provider may take */
	RECEIVED_MAXIMUM = 8192,
	TOP_MAXIMUM = 64 << 10,
};

/* Is ITEM for elsewhere, not brought yet, and of the same sender as LIKE? */
static bool
goes_with(const struct imbucad_plan_item *item, const struct imbucad_plan_item *like)
{
	return item->kind == IMBUCAD_PLAN_RELAY && !item->done &&
	       strcmp(item->owner, like->owner) == 0;
}

/* The envelope for FIRST and those behind it that go with it. */
static int
gather(const struct imbucad_job *job, size_t first, struct mail_envelope *out, struct err *e)
{
	const struct imbucad_plan_item *like = &job->plan.items[first];
	int status = imbucad_job_envelope(job, like, out, e);

	for (size_t i = first; status == 0 && i < job->plan.items_count; i++) {
		if (goes_with(&job->plan.items[i], like))
			status = imbucad_job_add_remote(job, i, out, e);
	}
	return status;
}

/* --- by the relay, while the client waits --- */

/* The value of the field Received on one line, as the header's writer folds it anew. */
static void
make_received(const struct imbucad_job *job, struct buf *out)
{
	struct buf field = BUF_INIT(RECEIVED_MAXIMUM);
	struct slice rest;

	imbucad_job_received(job, &field);
	rest = buf_slice(&field);
	(void)str_cut(&rest, ':');
	rest = str_trim(rest);
	for (size_t i = 0; i < rest.len; i++) {
		if (rest.ptr[i] != '\n')
			buf_addc(out, rest.ptr[i] == '\t' ? ' ' : rest.ptr[i]);
	}
	buf_free(&field);
}

/* What the relay is asked. False where it is too much for one question. */
static bool
make_request(const struct imbucad_job *job, const struct mail_envelope *envelope, struct buf *out)
{
	struct buf received = BUF_INIT(RECEIVED_MAXIMUM);

	make_received(job, &received);
	imbucad_relay_put(out, envelope, buf_text(&received));
	buf_free(&received);
	return !out->full;
}

/* Asks the relay; what it says, in ANSWER. */
static int
ask_relay(const struct imbucad_job *job, struct slice request, struct buf *answer, struct err *e)
{
	int fd, status = imbucad_call(
		    job->h->relay, request, job->m.fd, deadline_in(RELAY_TIMEOUT), answer, &fd, e);

	if (fd != -1)
		(void)close(fd);
	return status == 0 ? 0 : deliver_failure_reply(e, 451, "4.3.0");
}

/* Takes what ANSWER says of one recipient. */
static void
take_result(struct imbucad_wire *in, struct err *e)
{
	imbucad_wire_err(in, e);
	if (!in->bad)
		return;
	(void)err_set(e, EX_TEMPFAIL, "the relay said too little");
	(void)deliver_failure_reply(e, 451, "4.3.0");
}

/* Notes that ITEM has come to RESULT at PLACE. */
static void
end_item(struct imbucad_plan_item *item, const struct err *result, const char *place)
{
	item->result = *result;
	item->done = true;
	(void)str_copy(item->place, sizeof item->place, str_slice(place));
}

/* Brings them in one transaction, as REQUEST asks for. */
static void
relay(struct imbucad_job *job, size_t first, struct slice request)
{
	const struct imbucad_plan_item like = job->plan.items[first];
	struct buf answer = BUF_INIT(IMBUCAD_CALL_MAX);
	struct imbucad_wire in;
	struct err e = ERR_INIT;
	uint64_t count = 0;
	int status = ask_relay(job, request, &answer, &e);

	in = (struct imbucad_wire){buf_slice(&answer), false};
	if (status == 0 && (count = imbucad_wire_number(&in)) == 0)
		take_result(&in, &e);
	for (size_t i = first; i < job->plan.items_count; i++) {
		struct imbucad_plan_item *item = &job->plan.items[i];

		if (!goes_with(item, &like))
			continue;
		if (count > 0)
			take_result(&in, &e);
		end_item(item, &e, item->where);
	}
	buf_free(&answer);
}

/* --- by the queue --- */

/* Notes that all that go with FIRST have come to RESULT. */
static void
conclude(struct imbucad_job *job, size_t first, const struct err *result)
{
	const struct imbucad_plan_item like = job->plan.items[first];
	struct buf place = BUF_INIT(sizeof like.place);

	buf_addf(&place, "queue/%s", job->queued);
	for (size_t i = first; i < job->plan.items_count; i++) {
		if (goes_with(&job->plan.items[i], &like))
			end_item(&job->plan.items[i], result, buf_text(&place));
	}
	buf_free(&place);
}

/* Says that the message for a name of this machine was here, so that it is known when it comes
 * back. Of several names each would be told of the others; what comes back is for one. */
static void
make_top(const struct imbucad_job *job, size_t first, struct buf *out)
{
	if (job->m.envelope.count == 1 &&
	    imbucad_resolve_is_here(
		job->h->resolve, job->m.origin.kind, &job->m.envelope.recipients[0].address))
		imbucad_job_delivered_to(job, first, out);
}

void
imbucad_onward(struct imbucad_job *job, size_t first)
{
	struct mail_envelope envelope = {.recipients = NULL};
	struct imbucad_keep keep = {.envelope = &envelope};
	struct buf top = BUF_INIT(TOP_MAXIMUM), request = BUF_INIT(IMBUCAD_CALL_MAX);
	struct err e = ERR_INIT;

	if (gather(job, first, &envelope, &e) == -1) {
		(void)deliver_failure_reply(&e, 451, "4.3.0");
		conclude(job, first, &e);
	} else if (job->m.waits && make_request(job, &envelope, &request)) {
		relay(job, first, buf_slice(&request));
	} else {
		make_top(job, first, &top);
		keep.top = buf_slice(&top);
		(void)imbucad_keep(job, &keep, &e);
		conclude(job, first, &e);
	}
	buf_free(&top);
	buf_free(&request);
	mail_envelope_free(&envelope);
}
