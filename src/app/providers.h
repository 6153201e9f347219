/*
 * providers: `imbuca providers [NAME | ADDRESS]`: the table of mail providers, or all that is known
 * of one.
 */
#ifndef APP_PROVIDERS_H
#define APP_PROVIDERS_H

#include "app/options.h"
#include "base/err.h"

/*
 * Prints a line a provider; or the provider called NAME, or that gives out ADDRESS, in full; with
 * --json an array of objects, or an object. One that nobody knows is EX_USAGE.
 */
int app_providers_run(const struct app_options *options, struct err *e);

#endif
