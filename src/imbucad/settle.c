/*
 * settle: see settle.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "imbucad/journal.h"
#include "imbucad/keep.h"
#include "imbucad/place.h"
#include "imbucad/settle.h"
#include "submit/identity.h"

#include "base/banned.h"

enum { TOP_MAXIMUM = 64 << 10 };

struct settling {
	struct imbucad_job *job;
	bool *served; /* of each recipient: some of its places have the message, or will have */
	bool *apart;  /* of each item: it failed, and is queued for itself */
};

/* What to keep, and how each recipient in it has fared. */
struct rest {
	struct mail_envelope envelope;
	struct queue_event *events;
	size_t failures;
};

/* Adds R, which has fared as RESULT says. */
static int
add(struct rest *rest, const struct mail_envelope_recipient *r, const struct err *result,
    struct err *e)
{
	size_t number = rest->envelope.count;

	if (mail_envelope_add_recipient(&rest->envelope, r, e) < 0)
		return -1;
	if (rest->envelope.count > number)
		rest->events[number] = imbucad_keep_event(number, result);
	return 0;
}

/* Puts REST into the queue, with TOP above the message. */
static int
keep(struct imbucad_job *job, const struct rest *rest, struct slice top, struct err *e)
{
	const struct imbucad_keep what = {.envelope = &rest->envelope,
	    .account = IMBUCAD_KEEP_LOCAL,
	    .top = top,
	    .events = rest->events,
	    .count = rest->envelope.count};

	return imbucad_keep(job, &what, e);
}

static int
begin_rest(struct rest *rest, size_t most, struct err *e)
{
	*rest = (struct rest){.events = calloc(most, sizeof *rest->events)};
	return rest->events != NULL ? 0 : err_set(e, EX_TEMPFAIL, "no memory for the recipients");
}

static void
free_rest(struct rest *rest)
{
	mail_envelope_free(&rest->envelope);
	free(rest->events);
}

/* Makes OUT, which the caller frees, RECIPIENT's address, with a domain so that it is one for a
 * report too; without, where the queue could not keep one that long. */
static int
whole_address(
    const struct imbucad_job *job, size_t recipient, struct mail_address *out, struct err *e)
{
	const struct mail_address *address = &job->m.envelope.recipients[recipient].address;
	struct buf whole = BUF_INIT(MAIL_ADDRESS_MAX);
	int status = mail_address_copy(out, address, e);

	mail_address_write(&whole, address);
	buf_addf(&whole, "@%s", job->h->conf->hostname);
	if (status == 0 && !whole.full)
		status = submit_identity_qualify(out, job->h->conf->hostname, e);
	buf_free(&whole);
	return status;
}

/* ITEM, if it failed, is the queue's now; the log says why. */
static void
hand_over(const struct imbucad_job *job, struct imbucad_plan_item *item)
{
	struct buf place = BUF_INIT(sizeof item->place);

	if (item->result.ex == 0)
		return;
	imbucad_journal_error(job->h->conf, &job->m.origin, &item->result);
	buf_addf(&place, "queue/%s", job->queued);
	(void)str_copy(item->place, sizeof item->place, buf_slice(&place));
	item->result.ex = 0;
	buf_free(&place);
}

/* --- places by themselves --- */

/*
 * Chooses the items that must not be tried again by a recipient's name, which leads to others too
 * that have the message, or will have it.
 */
static void
choose(struct settling *s)
{
	const struct imbucad_plan *plan = &s->job->plan;
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < plan->ways_count; i++) {
			bool *served = &s->served[plan->ways[i].recipient];
			bool *apart = &s->apart[plan->ways[i].item];
			const struct imbucad_plan_item *item = &plan->items[plan->ways[i].item];

			if (s->job->errors[plan->ways[i].recipient].ex != 0)
				continue;
			if (!*served && (*apart || (item->result.ex == 0 && !item->passed_on)))
				more = *served = true;
			if (*served && !*apart && item->result.ex != 0)
				more = *apart = true;
		}
	}
}

/* Is ITEM one to be queued with LIKE: of the same sender, and for the same recipients? */
static bool
goes_with(const struct settling *s, size_t item, size_t like)
{
	const struct imbucad_plan *plan = &s->job->plan;

	if (!s->apart[item] || plan->items[item].result.ex == 0 ||
	    strcmp(plan->items[item].owner, plan->items[like].owner) != 0)
		return false;
	for (size_t i = 0; i < s->job->m.envelope.count; i++) {
		if (imbucad_plan_leads(plan, i, item) != imbucad_plan_leads(plan, i, like))
			return false;
	}
	return true;
}

/* Adds ITEM under its own name, for the recipient that first led there. */
static int
add_place(const struct imbucad_job *job, size_t item, struct rest *rest, struct err *e)
{
	size_t number = imbucad_job_first(job, item);
	const struct mail_envelope_recipient *first = &job->m.envelope.recipients[number];
	struct mail_envelope_recipient r = {.notify = first->notify, .orcpt = first->orcpt};
	char orcpt[MAIL_DSN_ORCPT_SIZE];
	struct mail_address whole = {NULL, NULL, NULL};
	int status = whole_address(job, number, &whole, e);

	if (status == 0 && r.orcpt == NULL && mail_dsn_orcpt_of(&whole, orcpt))
		r.orcpt = orcpt;
	mail_address_free(&whole);
	if (status == 0)
		status = imbucad_place_name(&job->plan.items[item], &r.address, e);
	if (status == 0)
		status = add(rest, &r, &job->plan.items[item].result, e);
	mail_address_free(&r.address);
	return status;
}

/* Queues item FIRST and those that go with it. */
static int
keep_places(struct settling *s, size_t first, struct err *e)
{
	struct imbucad_job *job = s->job;
	struct buf top = BUF_INIT(TOP_MAXIMUM);
	struct rest rest;
	int status = begin_rest(&rest, job->plan.items_count, e);

	if (status == 0)
		status = imbucad_job_envelope(job, &job->plan.items[first], &rest.envelope, e);
	for (size_t i = first; status == 0 && i < job->plan.items_count; i++) {
		if (goes_with(s, i, first))
			status = add_place(job, i, &rest, e);
	}
	imbucad_job_delivered_to(job, first, &top);
	if (status == 0)
		status = keep(job, &rest, buf_slice(&top), e);
	for (size_t i = job->plan.items_count; status == 0 && i > first; i--) {
		if (goes_with(s, i - 1, first))
			hand_over(job, &job->plan.items[i - 1]);
	}
	free_rest(&rest);
	buf_free(&top);
	return status;
}

static int
settle_places(struct settling *s, struct err *e)
{
	int status = 0;

	choose(s);
	for (size_t i = 0; status == 0 && i < s->job->plan.items_count; i++) {
		if (s->apart[i] && s->job->plan.items[i].result.ex != 0)
			status = keep_places(s, i, e);
	}
	return status;
}

/* --- recipients by their names --- */

/* Adds RECIPIENT of the message. */
static int
add_local(const struct imbucad_job *job, size_t recipient, const struct err *result,
    struct rest *rest, struct err *e)
{
	struct mail_envelope_recipient r = job->m.envelope.recipients[recipient];
	int status = whole_address(job, recipient, &r.address, e);

	if (status == 0)
		status = add(rest, &r, result, e);
	mail_address_free(&r.address);
	return status;
}

/* Is RECIPIENT's success to be told, and by nobody else? What is brought elsewhere is told there,
 * and of what is queued for itself the queue tells. */
static bool
wants_success(const struct settling *s, size_t recipient)
{
	const struct imbucad_plan *plan = &s->job->plan;

	if ((s->job->m.envelope.recipients[recipient].notify & MAIL_DSN_SUCCESS) == 0)
		return false;
	for (size_t i = 0; i < plan->items_count; i++) {
		if ((plan->items[i].kind == IMBUCAD_PLAN_RELAY || s->apart[i]) &&
		    imbucad_plan_leads(plan, recipient, i))
			return false;
	}
	return true;
}

/* Gathers whom the queue has to know of. */
static int
gather(const struct settling *s, bool failures, struct rest *rest, struct err *e)
{
	static const struct err well = ERR_INIT;
	const struct imbucad_job *job = s->job;
	int status = imbucad_job_envelope(job, NULL, &rest->envelope, e);

	for (size_t i = 0; status == 0 && i < job->m.envelope.count; i++) {
		const struct err *result = imbucad_job_result(job, i);

		if (result != NULL && failures) {
			status = add_local(job, i, result, rest, e);
			rest->failures++;
		} else if (result == NULL && wants_success(s, i)) {
			status = add_local(job, i, &well, rest, e);
		}
	}
	return status;
}

/* They are the queue's now. */
static void
forget_failures(struct imbucad_job *job)
{
	for (size_t i = 0; i < job->m.envelope.count; i++)
		job->errors[i].ex = 0;
	for (size_t i = 0; i < job->plan.items_count; i++)
		hand_over(job, &job->plan.items[i]);
}

static bool
is_anybody_served(const struct imbucad_job *job)
{
	for (size_t i = 0; i < job->m.envelope.count; i++) {
		if (imbucad_job_result(job, i) == NULL)
			return true;
	}
	return false;
}

static int
settle_names(const struct settling *s, struct err *e)
{
	struct imbucad_job *job = s->job;
	struct rest rest;
	int status;

	if (!is_anybody_served(job))
		return 0;
	status = begin_rest(&rest, job->m.envelope.count, e);
	if (status == 0)
		status = gather(s, !job->m.each, &rest, e);
	if (status == 0 && rest.envelope.count > 0)
		status = keep(job, &rest, str_slice(""), e);
	if (status == 0 && rest.failures > 0)
		forget_failures(job);
	free_rest(&rest);
	return status;
}

/* --- all of it --- */

/* Is all delivered, and does nobody ask for a report of that? */
static bool
is_plain(const struct imbucad_job *job)
{
	for (size_t i = 0; i < job->m.envelope.count; i++) {
		if (job->errors[i].ex != 0 ||
		    (job->m.envelope.recipients[i].notify & MAIL_DSN_SUCCESS) != 0)
			return false;
	}
	for (size_t i = 0; i < job->plan.items_count; i++) {
		if (job->plan.items[i].result.ex != 0)
			return false;
	}
	return true;
}

void
imbucad_settle(struct imbucad_job *job)
{
	struct settling s = {.job = job};
	struct err e = ERR_INIT;

	if (job->h->queue == NULL || is_plain(job))
		return;
	s.served = calloc(job->m.envelope.count, sizeof *s.served);
	s.apart = calloc(job->plan.items_count + 1, sizeof *s.apart);
	if (s.served == NULL || s.apart == NULL)
		(void)err_set(&e, EX_TEMPFAIL, "no memory for the recipients");
	else if (settle_places(&s, &e) == 0)
		(void)settle_names(&s, &e);
	if (e.ex != 0)
		imbucad_journal_error(job->h->conf, &job->m.origin, &e);
	free(s.served);
	free(s.apart);
}
