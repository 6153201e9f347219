/*
 * verify: -bv: where mail for some names would go. It reads no message and sends none.
 */
#ifndef APP_VERIFY_H
#define APP_VERIFY_H

#include "app/options.h"
#include "base/err.h"

/* Prints a line for each that the operands stand for; imbucad is asked whether it knows those of
 * this machine. -1 where one of them would get nothing. */
int app_verify_run(const struct app_options *options, struct err *e);

#endif
