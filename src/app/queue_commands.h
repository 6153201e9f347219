/*
 * queue_commands: the commands of `imbuca queue`, each in a file of its own. All take the options
 * and print to standard output; EX_USAGE for operands that make no sense.
 */
#ifndef APP_QUEUE_COMMANDS_H
#define APP_QUEUE_COMMANDS_H

#include "app/options.h"
#include "base/err.h"

/* app/queue_list: `list [ID]`, `show ID`, mailq, in Postfix's format, since
 * programs read it, and -bP: how many messages there are. */
int app_queue_list_run(const struct app_options *options, struct err *e);
int app_queue_list_show(const struct app_options *options, struct err *e);
int app_queue_list_mailq(const struct app_options *options, struct err *e);
int app_queue_list_count(const struct app_options *options, struct err *e);

/* app/queue_flush: `run`: sends what is due; `retry [ID...]`: at once, whatever is due. */
int app_queue_flush_run(const struct app_options *options, struct err *e);
int app_queue_flush_retry(const struct app_options *options, struct err *e);

/* app/queue_change: `hold`, `release`, `remove`, of one or more. */
int app_queue_change_hold(const struct app_options *options, struct err *e);
int app_queue_change_release(const struct app_options *options, struct err *e);
int app_queue_change_remove(const struct app_options *options, struct err *e);

/* app/queue_status: `status`: one line for a monitoring system, and its exit code. */
int app_queue_status_run(const struct app_options *options, struct err *e);

/* app/queue_enable: `enable`: makes the spool and turns the runner on. */
int app_queue_enable_run(const struct app_options *options, struct err *e);

#endif
