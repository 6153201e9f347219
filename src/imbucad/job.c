/*
 * job: see job.h.
 */
#include <config.h>

#include "imbucad/job.h"
#include "imbucad/place.h"

#include "base/banned.h"

enum { DELIVERED_TO_MAXIMUM = 32 << 10 /* bytes; beyond, recipients are not named */ };

const struct err *
imbucad_job_result(const struct imbucad_job *job, size_t recipient)
{
	if (job->errors[recipient].ex != 0)
		return &job->errors[recipient];
	return imbucad_plan_result(&job->plan, recipient);
}

size_t
imbucad_job_first(const struct imbucad_job *job, size_t item)
{
	size_t i = 0;

	while (!imbucad_plan_leads(&job->plan, i, item))
		i++;
	return i;
}

static bool
is_place(const struct imbucad_job *job, size_t recipient)
{
	return job->m.origin.kind == IMBUCAD_ORIGIN_QUEUE &&
	       imbucad_place_of(&job->m.envelope.recipients[recipient].address) !=
		   IMBUCAD_PLACE_NONE;
}

void
imbucad_job_delivered_to(const struct imbucad_job *job, size_t item, struct buf *out)
{
	for (size_t i = 0; i < job->m.envelope.count; i++) {
		if (imbucad_plan_leads(&job->plan, i, item) && !is_place(job, i) &&
		    out->len < DELIVERED_TO_MAXIMUM)
			buf_addf(out, "Delivered-To: %s\n", job->m.written[i]);
	}
}

void
imbucad_job_name(const struct imbucad_job *job, size_t item, struct buf *out)
{
	size_t first = imbucad_job_first(job, item);

	if (is_place(job, first))
		buf_add_slice(out, imbucad_incoming_delivered_to(&job->m));
	else
		buf_adds(out, job->m.written[first]);
}

void
imbucad_job_sender(
    const struct imbucad_job *job, const struct imbucad_plan_item *item, struct buf *out)
{
	/* A report stays one: its failure is told to nobody, not to the owner by a report again. */
	if (item != NULL && item->owner[0] != '\0' && job->m.sender[0] != '\0')
		buf_addf(out, "%s@%s", item->owner, job->h->conf->hostname);
	else
		buf_adds(out, job->m.sender);
}

int
imbucad_job_envelope(const struct imbucad_job *job, const struct imbucad_plan_item *item,
    struct mail_envelope *out, struct err *e)
{
	struct buf sender = BUF_INIT(MAIL_ADDRESS_MAX + 64);
	struct mail_address address;
	int status;

	out->body = job->m.envelope.body;
	out->ret = job->m.envelope.ret;
	(void)str_copy(out->envid, sizeof out->envid, str_slice(job->m.envelope.envid));
	imbucad_job_sender(job, item, &sender);
	status =
	    mail_address_parse(&address, sender.len > 0 ? buf_slice(&sender) : str_slice("<>"), e);
	buf_free(&sender);
	if (status == 0) {
		status = mail_envelope_set_sender(out, &address, e);
		mail_address_free(&address);
	}
	return status;
}

void
imbucad_job_received(const struct imbucad_job *job, struct buf *out)
{
	imbucad_incoming_received(&job->m, job->h->conf->hostname, out);
}

void
imbucad_job_trace(const struct imbucad_job *job, struct buf *out)
{
	imbucad_job_received(job, out);
	if (imbucad_incoming_is_bare(&job->m))
		buf_addc(out, '\n');
}

int
imbucad_job_add_remote(
    const struct imbucad_job *job, size_t index, struct mail_envelope *out, struct err *e)
{
	struct mail_envelope_recipient r = {.notify = 0};
	size_t i = imbucad_job_first(job, index);
	int status;

	r.notify = job->m.envelope.recipients[i].notify;
	r.orcpt = job->m.envelope.recipients[i].orcpt;
	status = mail_address_parse(&r.address, str_slice(job->plan.items[index].where), e);
	if (status == 0 && mail_envelope_add_recipient(out, &r, e) < 0)
		status = -1;
	mail_address_free(&r.address);
	return status;
}
