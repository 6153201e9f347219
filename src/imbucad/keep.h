/*
 * keep: a message, or what is left of it, goes from the spool into the queue, whose runner
 * (imbucad/runner.h) is told.
 */
#ifndef IMBUCAD_KEEP_H
#define IMBUCAD_KEEP_H

#include "imbucad/job.h"
#include "queue/journal.h"

/* The account of what the queue has for this machine's own mailboxes: a name that no file can give
 * an account. */
#define IMBUCAD_KEEP_LOCAL "local mailboxes"

struct imbucad_keep {
	const struct mail_envelope *envelope;
	const char *account;		  /* NULL: the machine's */
	struct slice top;		  /* fields above the message's Received */
	const struct queue_event *events; /* what has already happened, COUNT of them */
	size_t count;
};

/* Returns 0 when the message is safe on the disk, and its name is in JOB; -1 with a 451 or 452. */
int imbucad_keep(struct imbucad_job *job, const struct imbucad_keep *keep, struct err *e);

/* The event that recipient NUMBER of an envelope has fared as RESULT says (ex 0: it has the
 * message). Its text lies in RESULT. */
struct queue_event imbucad_keep_event(size_t number, const struct err *result);

#endif
