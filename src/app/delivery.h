/*
 * delivery: a completed message goes to its account's server, or into the queue, as the account and
 * the options want it.
 */
#ifndef APP_DELIVERY_H
#define APP_DELIVERY_H

#include "app/options.h"
#include "base/err.h"
#include "conf/account.h"
#include "mail/envelope.h"
#include "mail/message.h"

struct app_delivery {
	const struct app_options *options;
	const struct conf_account *account; /* settled */
	const struct mail_envelope *envelope;
	struct mail_message *message;
};

/*
 * What the queue is for, for mail of ACCOUNT under OPTIONS: nothing (off), what cannot be sent now
 * (on), or all (only). Auto was decided upon: never returned.
 */
enum conf_account_queue app_delivery_queue(
    const struct app_options *options, const struct conf_account *account);

/*
 * Sends it now, or queues it, or queues what cannot be sent now; logs it. 0 where every recipient
 * got it or waits for it in the queue, which is told (app/tell); else -1, and the lines about
 * single recipients were told. 0, too, where the sender hears of the failure by mail (-oee).
 */
int app_delivery_run(const struct app_delivery *delivery, struct err *e);

#endif
