/*
 * rmqs: `imbuca --rmqs=NODE`: asks the server to send now what it keeps for somebody (RFC 1985).
 */
#ifndef APP_RMQS_H
#define APP_RMQS_H

#include "app/options.h"
#include "base/err.h"

/* Asks, and prints what the server says to that. */
int app_rmqs_run(const struct app_options *options, struct err *e);

#endif
