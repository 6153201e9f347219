/*
 * runner: the process that runs the queue of the machine: mail for elsewhere by the account, mail
 * for mailboxes here that could not be delivered at once, and reports to senders of this machine,
 * by a listener of reception's that is for it alone.
 */
#ifndef IMBUCAD_RUNNER_H
#define IMBUCAD_RUNNER_H

#include "base/err.h"
#include "conf/account.h"
#include "conf/daemon.h"

struct imbucad_runner_params {
	const struct conf_daemon *conf;
	const struct conf_account *account; /* NULL where mail is not brought elsewhere */
	const struct err *why; /* NULL, or why the account cannot be had, and such mail waits */
	const char *door;      /* reception's listener, as net_connect takes it */
	int words; /* a packet on it says that there is something new in the queue, or, where it is
		      a message's name, that this one is to be tried now */
};

/* Runs the queue until SIGTERM; without the account until IMBUCAD_ACCOUNT_PATIENCE is over. -1
 * where it cannot begin. */
int imbucad_runner_run(const struct imbucad_runner_params *params, struct err *e);

#endif
