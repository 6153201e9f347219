/*
 * setup_find: the server that takes the mail of an address.
 */
#ifndef APP_SETUP_FIND_H
#define APP_SETUP_FIND_H

#include "app/options.h"
#include "app/report.h"
#include "conf/provider.h"
#include "net/name.h"

struct app_setup_find {
	const struct conf_provider *provider; /* NULL: none that we know */
	char region[64];		      /* the provider's; "" where it has none */
	char host[NET_NAME_SIZE];
	unsigned port;
	bool starttls;
	bool sure; /* nobody between us and a name server could have sent us elsewhere */
};

/* Which server is looked for. */
struct app_setup_find_params {
	const struct app_options *options;
	const struct conf_provider_more *more; /* providers beside the built-in ones, or NULL */
	const char *domain;		       /* of the address, in A-labels */
	bool known;			       /* only one of a provider that we know */
};

/*
 * Looks for the server: by what the options say, by the provider of the domain, by its MX, and,
 * unless it must be known, by its SRV records (RFC 6186, RFC 8314) and by usual names. Of a
 * provider with regions the person is asked for one that no option has said. Reports how it was
 * found. -1 with EX_NOHOST or, where it must be known, EX_CONFIG where there is none; EX_CONFIG
 * where the region is missing.
 */
int app_setup_find_server(const struct app_setup_find_params *params, struct app_report *report,
    struct app_setup_find *out, struct err *e);

#endif
