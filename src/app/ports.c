/*
 * ports: see ports.h.
 */
#include <config.h>

#include <string.h>
#include <unistd.h>

#include "app/ports.h"
#include "conf/provider.h"
#include "submit/reach.h"

#include "base/banned.h"

enum { PATIENCE = 3 * 1000 }; /* milliseconds for a port that nobody asked for */

/* What RFC 8314 and RFC 6409 say, and what some providers have beside. */
static const struct app_port usual[] = {{465, false}, {587, true}, {2525, true}, {25, true}};

void
app_ports_add(struct app_ports *ports, unsigned number, bool starttls)
{
	for (size_t i = 0; i < ports->count; i++) {
		if (ports->at[i].number == number && ports->at[i].starttls == starttls)
			return;
	}
	if (ports->count < APP_PORTS_MAX)
		ports->at[ports->count++] = (struct app_port){number, starttls};
}

void
app_ports_add_known(struct app_ports *ports, const struct conf_account *account)
{
	const struct conf_provider *p = account->served_by;

	for (size_t i = 0; p != NULL && p->port[i].number != 0; i++)
		app_ports_add(ports, p->port[i].number, p->port[i].starttls);
	for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
		app_ports_add(ports, usual[i].number, usual[i].starttls);
}

/* Does the account's server take a connection at PORT? */
static bool
answers(const struct conf_account *account, struct app_port port)
{
	struct conf_account other = *account; /* its texts stay the account's */
	struct submit_reach reach;
	struct net_peer peer;
	struct err ignored;
	int fd = -1;

	other.port = port.number;
	if (submit_reach_prepare(&other, &reach, &ignored) == 0)
		fd = net_connect(&reach.connect, deadline_in(PATIENCE), &peer, &ignored);
	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

const char *
app_ports_tls(const struct conf_account *account)
{
	return account->tls ? "" : "'tls on', ";
}

void
app_ports_advise(const struct conf_account *account, struct err *e)
{
	struct app_ports ports = {.count = 0};

	if (e->failure == NULL || account->socket != NULL ||
	    (strcmp(e->failure, "timed_out") != 0 && strcmp(e->failure, "refused") != 0))
		return;
	app_ports_add_known(&ports, account);
	for (size_t i = 0; i < ports.count; i++) {
		if (ports.at[i].number == account->port || !answers(account, ports.at[i]))
			continue;
		(void)err_hint(e,
		    "port %u answers: write %s'port %u' and 'tls_starttls %s' into the account",
		    ports.at[i].number, app_ports_tls(account), ports.at[i].number,
		    ports.at[i].starttls ? "on" : "off");
		return;
	}
}
