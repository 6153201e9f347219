/*
 * reception: the loop that takes connections and lets each session go on when it can. One process,
 * one thread, no waiting but in epoll_wait(2).
 */
#ifndef IMBUCAD_RECEPTION_H
#define IMBUCAD_RECEPTION_H

#include "base/err.h"
#include "imbucad/session.h"

struct imbucad_reception_listener {
	int fd;	  /* from net_listen */
	bool tls; /* TLS from the first byte */
};

struct imbucad_reception_params {
	const struct imbucad_session_service *service;
	const struct imbucad_reception_listener *listeners;
	size_t listeners_count;
	size_t max_sessions; /* those beyond get a 421 */
};

/*
 * Works until SIGTERM or SIGINT, then lets messages under way come to their end (at most 30 s). -1
 * with EX_OSERR where it cannot begin.
 */
int imbucad_reception_run(const struct imbucad_reception_params *params, struct err *e);

#endif
