/*
 * worker: the process that delivers as one user: into the mailbox, a file, to a command. It runs as
 * that user with the message as an open descriptor, and ends when nobody has asked it anything for
 * a while, or nobody can any more.
 *
 * A request: kind (enum imbucad_plan_kind), where, detail, whether ~/.forward counts, sender,
 * recipient, the lines on top; with the message. The answer: an error (ex 0: done), whether a
 * ~/.forward stands in the way, and its text, or where the message lies.
 */
#ifndef IMBUCAD_WORKER_H
#define IMBUCAD_WORKER_H

#include <stdbool.h>

#include "conf/daemon.h"
#include "imbucad/passwd.h"
#include "imbucad/plan.h"

/* Deliveries at the same time: a sync alone waits for the disk each time. */
enum { IMBUCAD_WORKER_THREADS = 16 };

/* What the ~/.forward is for a delivery into a mailbox. */
enum imbucad_worker_forward {
	IMBUCAD_WORKER_FORWARD_NOT,
	IMBUCAD_WORKER_FORWARD_FIRST, /* without one the mailbox gets the message */
	IMBUCAD_WORKER_FORWARD_ALONE, /* without one, or with an empty one, TEXT is empty */
};

/* What a worker is asked. */
struct imbucad_worker_request {
	const struct imbucad_plan_item *item;
	enum imbucad_worker_forward forward;
	const char *sender, *recipient;
	struct slice top;
};

/* What it says. */
struct imbucad_worker_answer {
	struct err result;
	bool is_forward; /* nothing is delivered: TEXT is the ~/.forward */
	struct slice text;
};

void imbucad_worker_put(struct buf *out, const struct imbucad_worker_request *request);
void imbucad_worker_take(struct slice answer, struct imbucad_worker_answer *out);

/* Serves SERVICE (imbucad/call.h) for USER, as whom this process runs. */
void imbucad_worker_run(
    const struct conf_daemon *conf, const struct imbucad_passwd *user, int service);

#endif
