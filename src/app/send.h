/*
 * send: what imbuca does without a command, and under the name sendmail: reads a message from
 * standard input and sends it.
 */
#ifndef APP_SEND_H
#define APP_SEND_H

#include "app/options.h"
#include "base/err.h"

/*
 * Reads the message whole, finds the account for it, completes it, sends it, logs it. With
 * `pretend` shows on standard output what would be sent, and how, and stops there. 0 where every
 * recipient got it; else -1, and the lines about single recipients stand on standard error.
 */
int app_send_run(const struct app_options *options, struct err *e);

#endif
