/*
 * reception: the process that takes connections and lets each session go on when it can. One epoll
 * loop, one thread, no waiting but in epoll_wait(2). It opens no file and no connection and decides
 * nothing: it asks the spool.
 */
#ifndef IMBUCAD_RECEPTION_H
#define IMBUCAD_RECEPTION_H

#include "base/err.h"
#include "imbucad/session.h"

struct imbucad_reception_listener {
	int fd; /* from net_listen or net_listen_unix */
	struct imbucad_session_service service;
};

struct imbucad_reception_params {
	const struct imbucad_reception_listener *listeners;
	size_t listeners_count;
	size_t max_sessions;	      /* those beyond get a 421 */
	size_t max_sessions_per_peer; /* of one address, or one user of this machine */
};

/* What the loop needs; made before the process gives up the right to make it. */
struct imbucad_reception;

/* The loop's descriptors. NULL with EX_OSERR. PARAMS outlive it. */
struct imbucad_reception *imbucad_reception_new(
    const struct imbucad_reception_params *params, struct err *e);

/*
 * Works until SIGTERM, or SIGUSR1 where another configuration has taken over; then lets messages
 * under way come to their end (at most 25 seconds, or 10 minutes), and says 421 to the others.
 */
void imbucad_reception_run(struct imbucad_reception *r);

void imbucad_reception_free(struct imbucad_reception *r);

#endif
