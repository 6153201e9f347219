/*
 * job: one message under way in the spool: what came in, where it goes, what becomes of it.
 */
#ifndef IMBUCAD_JOB_H
#define IMBUCAD_JOB_H

#include "imbucad/handover.h"
#include "imbucad/incoming.h"
#include "imbucad/plan.h"
#include "queue/id.h"

struct imbucad_job {
	const struct imbucad_handover *h;
	struct imbucad_incoming m;
	struct imbucad_plan plan;
	struct err *errors;	    /* of each recipient, before there is a plan for it */
	char queued[QUEUE_ID_SIZE]; /* what was queued last of it; "" for nothing */
};

/* What became of RECIPIENT; NULL where all is well. */
const struct err *imbucad_job_result(const struct imbucad_job *job, size_t recipient);

/* The first recipient that leads to ITEM; there is one. */
size_t imbucad_job_first(const struct imbucad_job *job, size_t item);

/*
 * Appends the fields Delivered-To of what goes to ITEM. Where the queue brings it to a place, they
 * are in the message already.
 */
void imbucad_job_delivered_to(const struct imbucad_job *job, size_t item, struct buf *out);

/* Appends the name that led to ITEM; a place's is the one that led there before. */
void imbucad_job_name(const struct imbucad_job *job, size_t item, struct buf *out);

/* Appends who is told of ITEM's failures: the alias's owner, at this machine; else the sender, and
 * nobody where the message is a report itself: "" is the null address. */
void imbucad_job_sender(
    const struct imbucad_job *job, const struct imbucad_plan_item *item, struct buf *out);

/*
 * Makes OUT, zeros before, the envelope of ITEM's sender, without recipients, with what MAIL said.
 * ITEM NULL: of the message's own sender.
 */
int imbucad_job_envelope(const struct imbucad_job *job, const struct imbucad_plan_item *item,
    struct mail_envelope *out, struct err *e);

/* Appends the message's Received field, folded, as it is in what is delivered. */
void imbucad_job_received(const struct imbucad_job *job, struct buf *out);

/* The same, and what else stands before the content: the end of the header, where that has none. */
void imbucad_job_trace(const struct imbucad_job *job, struct buf *out);

/* Adds item INDEX's address, which is elsewhere, with what its first recipient wants to be told. */
int imbucad_job_add_remote(
    const struct imbucad_job *job, size_t index, struct mail_envelope *out, struct err *e);

#endif
