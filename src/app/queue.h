/*
 * queue: `imbuca queue [COMMAND] [ID]`, mailq and sendmail -q: the queue as a person sees and
 * works it.
 */
#ifndef APP_QUEUE_H
#define APP_QUEUE_H

#include "app/options.h"
#include "base/err.h"
#include "queue/spool.h"

/* Runs the command that the first operand names; without one lists the queue. */
int app_queue_run(const struct app_options *options, struct err *e);

/* Are all operands names that a queued message can have? Else -1 with EX_USAGE. */
int app_queue_check_ids(const struct app_options *options, struct err *e);

/* Opens the caller's queue. Returns 0 where there is none, else 1; -1. */
int app_queue_open(struct queue_spool *spool, struct err *e);

#endif
