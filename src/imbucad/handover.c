/*
 * handover: see handover.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deliver/failure.h"
#include "deliver/forward.h"
#include "imbucad/handover.h"
#include "imbucad/job.h"
#include "imbucad/journal.h"
#include "imbucad/onward.h"
#include "imbucad/place.h"
#include "imbucad/settle.h"
#include "imbucad/worker.h"
#include "smtp/refusal.h"

#include "base/banned.h"

enum {
	HOPS_MAXIMUM = 50,
	ROUNDS_MAXIMUM = 10, /* of ~/.forward naming users who have one */
	TOP_MAXIMUM = 64 << 10,
	NAME_MAXIMUM = 1024,
};

/* --- planning --- */

static int
check_way(struct imbucad_job *job, size_t recipient, struct err *e)
{
	if (job->m.hops > HOPS_MAXIMUM)
		return smtp_refusal(
		    e, 554, "5.4.6", "The message has gone through %u machines", job->m.hops);
	if (job->h->conf->catch_all == NULL &&
	    imbucad_incoming_was_at(&job->m, job->m.written[recipient]))
		return smtp_refusal(
		    e, 554, "5.4.6", "The message was here before: it goes in a circle");
	return 0;
}

/* Where each recipient leads. */
static void
plan_all(struct imbucad_job *job)
{
	for (size_t i = 0; i < job->m.envelope.count; i++) {
		struct err *e = &job->errors[i];

		if (check_way(job, i, e) == 0)
			(void)imbucad_resolve_address(job->h->resolve, job->m.origin.kind,
			    &job->m.envelope.recipients[i].address, &job->plan, i, e);
	}
}

/* --- delivering --- */

/* The lines on top of the copy for ITEM. */
static void
make_top(const struct imbucad_job *job, size_t item, const char *sender, struct buf *out)
{
	buf_addf(out, "Return-Path: <%s>\n", sender);
	imbucad_job_delivered_to(job, item, out);
	imbucad_job_trace(job, out);
}

static struct imbucad_workers_who
who_of(const struct imbucad_plan_item *item)
{
	return (struct imbucad_workers_who){item->user, item->kind == IMBUCAD_PLAN_COMMAND};
}

/* Asks the worker of ITEM. */
static struct imbucad_workers_question
begin_item(struct imbucad_job *job, size_t index, enum imbucad_worker_forward forward)
{
	struct imbucad_plan_item *item = &job->plan.items[index];
	struct buf request = BUF_INIT(IMBUCAD_CALL_MAX), top = BUF_INIT(TOP_MAXIMUM);
	struct buf sender = BUF_INIT(MAIL_ADDRESS_MAX + 64), name = BUF_INIT(NAME_MAXIMUM);
	struct imbucad_worker_request r = {.item = item, .forward = forward};
	const struct imbucad_workers_who who = who_of(item);
	struct imbucad_workers_question question = {.reply = -1};

	if (item->kind == IMBUCAD_PLAN_RELAY)
		return question;
	imbucad_job_sender(job, item, &sender);
	make_top(job, index, buf_text(&sender), &top);
	imbucad_job_name(job, index, &name);
	r.sender = buf_text(&sender);
	r.recipient = buf_text(&name);
	r.top = buf_slice(&top);
	imbucad_worker_put(&request, &r);
	if (request.full || top.full || sender.full || name.full) {
		(void)err_set(&item->result, EX_TEMPFAIL, "no memory for a delivery");
		(void)deliver_failure_reply(&item->result, 451, "4.3.0");
	} else {
		(void)imbucad_workers_begin(job->h->workers, &who, buf_slice(&request), job->m.fd,
		    &question, &item->result);
	}
	buf_free(&request);
	buf_free(&top);
	buf_free(&sender);
	buf_free(&name);
	return question;
}

/* What counts of TARGETS: the one with MARK, if there is one. Its memory is theirs. */
static struct deliver_target_list
wanted_of(const struct deliver_target_list *targets, uint64_t mark)
{
	const struct deliver_target *one = mark != 0 ? imbucad_place_find(targets, mark) : NULL;

	if (one == NULL)
		return *targets;
	return (struct deliver_target_list){targets->at + (one - targets->at), 1};
}

/* ITEM's own mailbox, which another item is, and in which one copy is enough. */
static int
pass_to_mailbox(struct imbucad_job *job, size_t index, struct err *e)
{
	const struct imbucad_plan_item *item = &job->plan.items[index];
	const struct imbucad_plan_source source = {.is_item = true, .number = index};
	const struct imbucad_plan_request request = {.kind = item->kind,
	    .user = item->user,
	    .where = item->where,
	    .detail = item->detail,
	    .owner = item->owner,
	    .mark = item->mark,
	    .is_final = true};

	return imbucad_plan_add(&job->plan, source, &request, e);
}

/* What ITEM's user wants instead: more items, for the recipients that led to it. */
static void
follow_forward(struct imbucad_job *job, size_t index, struct slice text)
{
	struct deliver_target_list targets = {NULL, 0}, wanted;
	struct err e = ERR_INIT;
	int status = deliver_forward_parse(text, &targets, &e);

	wanted = wanted_of(&targets, job->plan.items[index].mark);
	/* Its own name in it is another place: the mailbox. */
	job->plan.items[index].done = job->plan.items[index].passed_on = true;
	if (status == 0 && wanted.count == 0)
		(void)pass_to_mailbox(job, index, &e);
	else if (status == 0)
		(void)imbucad_resolve_forward(job->h->resolve, index, &wanted, &job->plan, &e);
	job->plan.items[index].result = e;
	deliver_target_list_free(&targets);
}

/* Takes the answer to QUESTION about ITEM. False where the worker died without one. */
static bool
end_item(struct imbucad_job *job, size_t index, const struct imbucad_workers_question *question)
{
	struct imbucad_plan_item *item = &job->plan.items[index];
	const struct imbucad_workers_who who = who_of(item);
	struct buf text = BUF_INIT(IMBUCAD_CALL_MAX);
	struct imbucad_worker_answer answer;
	int status;

	status = imbucad_workers_end(job->h->workers, &who, question, &text, &item->result);
	if (status == 0) {
		imbucad_worker_take(buf_slice(&text), &answer);
		item->result = answer.result;
		(void)str_copy(item->place, sizeof item->place,
		    answer.is_forward ? str_slice(".forward") : answer.text);
		if (answer.result.ex == 0 && answer.is_forward)
			follow_forward(job, index, answer.text);
	}
	buf_free(&text);
	return status != 1;
}

/* A worker may have ended just when it was asked: then another one is, once. */
static void
deliver_item(struct imbucad_job *job, size_t index, struct imbucad_workers_question question,
    enum imbucad_worker_forward forward)
{
	if (question.reply == -1 || end_item(job, index, &question))
		return;
	question = begin_item(job, index, forward);
	if (question.reply != -1)
		(void)end_item(job, index, &question);
}

/* --- all of them --- */

/* Does ITEM's ~/.forward count? It alone, where its mailbox is another item. */
static enum imbucad_worker_forward
forward_of(const struct imbucad_job *job, size_t index, bool may_forward)
{
	const struct imbucad_plan_item *item = &job->plan.items[index];

	if (!may_forward || item->is_final)
		return IMBUCAD_WORKER_FORWARD_NOT;
	if (item->kind == IMBUCAD_PLAN_MAILBOX && imbucad_plan_twin(&job->plan, index) != NULL)
		return IMBUCAD_WORKER_FORWARD_ALONE;
	return IMBUCAD_WORKER_FORWARD_FIRST;
}

/* Notes of ITEM, a mailbox, that the message came there already, if it did. */
static void
skip_second(struct imbucad_job *job, size_t index)
{
	struct imbucad_plan_item *item = &job->plan.items[index];
	const struct imbucad_plan_item *twin = imbucad_plan_twin(&job->plan, index);

	if (item->kind != IMBUCAD_PLAN_MAILBOX || !item->is_final || twin == NULL ||
	    !imbucad_plan_has(twin))
		return;
	item->done = true;
	(void)str_copy(item->place, sizeof item->place, str_slice(twin->place));
}

/* What is under way of one item. */
struct delivery {
	enum imbucad_worker_forward forward;
	struct imbucad_workers_question question;
};

static void
begin_round(struct imbucad_job *job, size_t first, bool may_forward, struct delivery *deliveries)
{
	for (size_t i = first; i < job->plan.items_count; i++) {
		struct delivery *d = &deliveries[i - first];

		skip_second(job, i);
		*d = (struct delivery){forward_of(job, i, may_forward), {.reply = -1}};
		if (!job->plan.items[i].done)
			d->question = begin_item(job, i, d->forward);
	}
}

/* Ends what was begun of the items from FIRST to END; new ones may come behind those. */
static void
end_round(struct imbucad_job *job, size_t first, size_t end, const struct delivery *deliveries)
{
	for (size_t i = first; i < end; i++) {
		const struct delivery *d = &deliveries[i - first];

		if (job->plan.items[i].done)
			continue;
		if (job->plan.items[i].kind == IMBUCAD_PLAN_RELAY)
			imbucad_onward(job, i);
		else
			deliver_item(job, i, d->question, d->forward);
		job->plan.items[i].done = true;
	}
}

/* Delivers to all items from FIRST on that are not done, side by side. */
static void
deliver_round(struct imbucad_job *job, size_t first, bool may_forward)
{
	size_t end = job->plan.items_count;
	struct delivery *deliveries = calloc(end - first + 1, sizeof *deliveries);

	if (deliveries != NULL) {
		begin_round(job, first, may_forward, deliveries);
		end_round(job, first, end, deliveries);
	}
	for (size_t i = first; deliveries == NULL && i < end; i++) {
		struct err *e = &job->plan.items[i].result;

		(void)err_set(e, EX_TEMPFAIL, "no memory for a delivery");
		(void)deliver_failure_reply(e, 451, "4.3.0");
	}
	free(deliveries);
}

static void
deliver_from(struct imbucad_job *job, size_t done, int rounds)
{
	for (int round = 0; done < job->plan.items_count; round++) {
		size_t first = done;

		done = job->plan.items_count;
		deliver_round(job, first, round < rounds);
	}
}

/* Who is led in a circle by each ~/.forward gets the message where that began. */
static void
end_circles(struct imbucad_job *job)
{
	for (size_t i = 0; i < job->m.envelope.count; i++) {
		const struct imbucad_plan_item *item =
		    job->errors[i].ex == 0 ? imbucad_plan_circle(&job->plan, i) : NULL;

		if (item != NULL &&
		    pass_to_mailbox(job, (size_t)(item - job->plan.items), &job->errors[i]) == -1)
			(void)deliver_failure_reply(&job->errors[i], 451, "4.3.0");
	}
}

static void
deliver_all(struct imbucad_job *job)
{
	size_t planned;

	deliver_from(job, 0, ROUNDS_MAXIMUM);
	planned = job->plan.items_count;
	end_circles(job);
	deliver_from(job, planned, 0);
}

/* --- answering --- */

/* What strangers hear of a failure is its codes, and nothing of this machine's folders. OTHERS
 * follow. */
static void
put_result(
    const struct imbucad_job *job, const struct err *failed, size_t others, struct buf *answer)
{
	struct err e = ERR_INIT;

	if (failed == NULL && job->queued[0] != '\0')
		(void)err_set(&e, 0, "Queued as %s", job->queued);
	else if (failed == NULL)
		(void)err_set(&e, 0, "It is where it belongs");
	else if (failed->ex == EX_PROTOCOL || imbucad_origin_is_inside(job->m.origin.kind))
		e = *failed;
	else
		(void)smtp_refusal(&e, failed->code >= 400 ? failed->code : 451,
		    failed->enhanced[0] != '\0' ? failed->enhanced : "4.3.0",
		    "The message could not be stored");
	imbucad_wire_put_share(answer, &e, others);
}

/* One answer for all: no, where nobody got it, or where somebody could not be served. */
static const struct err *
worst(const struct imbucad_job *job)
{
	const struct err *worst = NULL;

	for (size_t i = 0; i < job->m.envelope.count; i++) {
		const struct err *e = imbucad_job_result(job, i);

		if (e != NULL && (worst == NULL || (worst->code >= 500 && e->code < 500)))
			worst = e;
	}
	return worst;
}

static void
put_answer(const struct imbucad_job *job, struct buf *answer)
{
	if (!job->m.each) {
		imbucad_wire_put_number(answer, 1);
		put_result(job, worst(job), 0, answer);
		return;
	}
	imbucad_wire_put_number(answer, job->m.count);
	for (size_t i = 0; i < job->m.count; i++)
		put_result(
		    job, imbucad_job_result(job, job->m.order[i]), job->m.count - i - 1, answer);
}

static int
run(struct imbucad_job *job, struct imbucad_wire *in, int fd, struct err *e)
{
	if (imbucad_incoming_read(in, fd, &job->m, e) == -1)
		return -1;
	job->errors = calloc(job->m.envelope.count, sizeof *job->errors);
	if (job->errors == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for a message");
	plan_all(job);
	deliver_all(job);
	imbucad_settle(job);
	imbucad_journal_message(job->h->conf, &job->m, &job->plan, worst(job));
	return 0;
}

void
imbucad_handover_answer(
    const struct imbucad_handover *h, struct imbucad_wire *in, int fd, struct buf *answer)
{
	struct imbucad_job job = {.h = h};
	struct err e = ERR_INIT;

	if (run(&job, in, fd, &e) == 0) {
		put_answer(&job, answer);
	} else {
		imbucad_journal_error(h->conf, &job.m.origin, &e);
		imbucad_wire_put_number(answer, 0);
	}
	imbucad_plan_free(&job.plan);
	imbucad_incoming_free(&job.m);
	free(job.errors);
}
