/*
 * spool: the process that decides: whose is a recipient, who may send there, who is logged in. It
 * hands out unnamed files, has messages delivered, and answers reception. Many threads, since all
 * of that waits: for the disk, for the tables of users, for a hash.
 */
#ifndef IMBUCAD_SPOOL_H
#define IMBUCAD_SPOOL_H

#include "base/err.h"
#include "conf/daemon.h"

struct imbucad_spool_params {
	const struct conf_daemon *conf;
	bool privileged;      /* the daemon is root's */
	int requests, logins; /* the servers' ends of what reception asks */
	int supervisor;	      /* what starts delivery processes */
	int relay;	      /* what brings mail elsewhere while its client waits */
	int runner;	      /* what wakes the queue's runner */
};

/* Serves until SIGTERM. -1 where it cannot begin. */
int imbucad_spool_run(const struct imbucad_spool_params *params, struct err *e);

#endif
