/*
 * serverinfo: -S: what an account's server says about itself.
 */
#ifndef APP_SERVERINFO_H
#define APP_SERVERINFO_H

#include "app/options.h"
#include "base/err.h"

/*
 * Connects as a message would, up to the login, and prints to standard output: the address, TLS and
 * the certificate, and what the server offers, in words. Sends no message and no password. Fails as
 * a message would; with tls_certcheck off any certificate is shown.
 */
int app_serverinfo_run(const struct app_options *options, struct err *e);

#endif
