/*
 * queue_flush: the runner as sendmail's options ask for it.
 */
#ifndef APP_QUEUE_FLUSH_H
#define APP_QUEUE_FLUSH_H

#include "app/options.h"
#include "base/err.h"

/* -q: sends what is due. -q30m: the same, in the background, every 30 minutes; it does not return.
 * -qI, -qR, -qS: sends at once the message of that name, or those with that text in a recipient or
 * the sender. */
int app_queue_flush_option(const struct app_options *options, struct err *e);

/* -odb: sends the message ID in the background. -1 where no process could be made: it waits. */
int app_queue_flush_behind(const struct app_options *options, const char *id);

#endif
