/*
 * workers: the delivery processes as the spool knows them: one a user, and one more for the user's
 * commands, started by the supervisor when it is needed, and again when it is gone. Many threads
 * may ask at once.
 */
#ifndef IMBUCAD_WORKERS_H
#define IMBUCAD_WORKERS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/deadline.h"
#include "base/err.h"

/* Threads that may ask at once: several times a user's share (workers.c). */
enum { IMBUCAD_WORKERS_ASKERS = 64 };

struct imbucad_workers;

/* SUPERVISOR: the service that starts them (imbucad/supervisor.h). NULL where there is no memory.
 */
struct imbucad_workers *imbucad_workers_new(int supervisor);
void imbucad_workers_free(struct imbucad_workers *w);

/* Whose worker it is. */
struct imbucad_workers_who {
	const char *user;
	bool runs_commands; /* without the group that may lock the system's mailboxes */
};

/* A question to a worker. */
struct imbucad_workers_question {
	int reply; /* where the answer comes, as a socket; -1 where there is no question */
	struct deadline until;
	bool is_beyond; /* it came when the user's share was full */
};

/* Asks WHO's worker. OUT is for imbucad_workers_end, which must follow. -1 with a 451. */
int imbucad_workers_begin(struct imbucad_workers *w, const struct imbucad_workers_who *who,
    struct slice request, int message, struct imbucad_workers_question *out, struct err *e);

/*
 * Takes the answer to QUESTION; waits for it. 0; with a 451, -1 where it did not come in time, and
 * 1 where the worker ended without one: then another may be asked.
 */
int imbucad_workers_end(struct imbucad_workers *w, const struct imbucad_workers_who *who,
    const struct imbucad_workers_question *question, struct buf *answer, struct err *e);

#endif
