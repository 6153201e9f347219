/*
 * handover: a whole message, from reception to every place where it belongs. It returns when the
 * message is on the disk at each of them, or in the queue for it, or says at which it is not: the
 * reply is the truth.
 */
#ifndef IMBUCAD_HANDOVER_H
#define IMBUCAD_HANDOVER_H

#include "conf/daemon.h"
#include "imbucad/call.h"
#include "imbucad/resolve.h"
#include "imbucad/wire.h"
#include "imbucad/workers.h"
#include "queue/spool.h"

struct imbucad_handover {
	const struct conf_daemon *conf;
	struct imbucad_resolve *resolve;
	struct imbucad_workers *workers;
	const struct queue_spool *queue; /* NULL where there is none */
	int relay;			 /* the service of imbucad/relay.h */
	int runner;			 /* what wakes imbucad/runner.h */
};

/* Answers a request MESSAGE (imbucad/request.h), whose first number was taken off IN; its file is
 * FD. Many threads may at once. */
void imbucad_handover_answer(
    const struct imbucad_handover *h, struct imbucad_wire *in, int fd, struct buf *answer);

#endif
