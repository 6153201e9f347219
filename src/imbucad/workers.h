/*
 * workers: the delivery processes as the spool knows them: one a user, and one more for the user's
 * commands, started by the supervisor when it is needed, and again when it is gone. Many threads
 * may ask at once.
 */
#ifndef IMBUCAD_WORKERS_H
#define IMBUCAD_WORKERS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

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

/*
 * Asks WHO's worker. Returns the socket on which its answer comes (imbucad/call.h), which the
 * caller closes. -1 with a 451.
 */
int imbucad_workers_begin(struct imbucad_workers *w, const struct imbucad_workers_who *who,
    struct slice request, int message, struct err *e);

/* The worker of WHO that has been asked is gone: the next question is for a new one. */
void imbucad_workers_forget(struct imbucad_workers *w, const struct imbucad_workers_who *who);

#endif
