/*
 * dns: `imbuca dns DOMAIN`: what a domain publishes about its mail, and whether receivers will
 * believe mail From it that an account sends.
 */
#ifndef APP_DNS_H
#define APP_DNS_H

#include "app/options.h"
#include "base/err.h"

/*
 * Prints MX, SRV, SPF, DKIM and DMARC of the domain that is the first operand, judged for the
 * account of -a or --host where there is one, and a verdict. -1 with EX_NOHOST for a domain that
 * does not exist, EX_TEMPFAIL where no name server answers, EX_UNAVAILABLE, and no message, where
 * the verdict is bad.
 */
int app_dns_run(const struct app_options *options, struct err *e);

#endif
