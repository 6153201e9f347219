/*
 * ports: the ports at which a server may take mail, and which of them answers.
 */
#ifndef APP_PORTS_H
#define APP_PORTS_H

#include "base/err.h"
#include "conf/account.h"

enum { APP_PORTS_MAX = 16 };

struct app_port {
	unsigned number; /* 0: none */
	bool starttls;	 /* else TLS from the first byte */
};

/* Ports without repeats; zeros to begin with. */
struct app_ports {
	struct app_port at[APP_PORTS_MAX];
	size_t count;
};

/* Adds one, unless it is there. */
void app_ports_add(struct app_ports *ports, unsigned number, bool starttls);

/* Adds those of the provider of ACCOUNT where we know it; then the usual ones. */
void app_ports_add_known(struct app_ports *ports, const struct conf_account *account);

/* What an account without TLS needs to be told before a port's own lines; "" where it has it. */
const char *app_ports_tls(const struct conf_account *account);

/*
 * E says why ACCOUNT's server could not be reached: where nothing answered at its port, tries the
 * others, a few seconds each, and says as the hint which does.
 */
void app_ports_advise(const struct conf_account *account, struct err *e);

#endif
