/*
 * check_ways: the other ports of a server, and the other way to speak to the account's own, for a
 * person whose settings do not work.
 */
#include <config.h>

#include "app/check_inside.h"
#include "app/check_ways.h"
#include "base/i18n.h"
#include "net/tls.h"
#include "submit/identity.h"

#include "base/banned.h"

enum {
	PATIENCE = 10, /* seconds for one answer of a port that nobody asked for */
};

/* Says EHLO the way of ACCOUNT, over TLS or STARTTLS. */
static int
talk(struct app_check *c, const struct submit_reach *reach, struct net_stream *stream,
    struct smtp_client *client, struct err *e)
{
	*client = (struct smtp_client){
	    .dialogue = SMTP_DIALOGUE_INIT(stream, &c->transcript, reach->account->timeout),
	    .name = c->name,
	};
	if (submit_reach_is_tls_at_once(reach) &&
	    net_stream_start_tls(stream, &reach->tls, submit_reach_deadline(reach), e) != 0) {
		client->dialogue.over = true;
		return -1;
	}
	if (smtp_client_greet(client, e) != 0)
		return -1;
	return reach->account->tls_starttls ? smtp_client_start_tls(client, &reach->tls, e) : 0;
}

static int
try(struct app_check *c, const struct submit_reach *reach, struct err *e)
{
	struct net_peer peer;
	struct smtp_client client;
	struct net_stream *stream =
	    submit_reach_connect(reach, &c->transcript, submit_reach_deadline(reach), &peer, e);
	int rc;

	if (stream == NULL)
		return -1;
	rc = talk(c, reach, stream, &client, e);
	smtp_client_quit(&client);
	smtp_client_free(&client);
	net_stream_close(stream);
	return rc;
}

int
app_check_ways_reach(const struct conf_account *account, struct err *e)
{
	struct app_check c = {.account = account, .transcript = {-1}};
	struct conf_account patient = *account; /* its texts stay the account's */
	struct submit_reach reach;

	patient.timeout = PATIENCE;
	if (submit_reach_prepare(&patient, &reach, e) != 0 ||
	    submit_identity_hello(account->domain, c.name, e) != 0)
		return -1;
	return try(&c, &reach, e);
}

/* Tries one way, and reports what comes of it. */
static bool
try_way(struct app_check *c, struct app_port way)
{
	struct conf_account account = *c->account; /* its texts stay the account's */
	const char *words = way.starttls ? "STARTTLS" : "TLS";
	struct submit_reach reach;
	struct err e = ERR_INIT;

	account.port = way.number;
	account.tls = true;
	account.tls_starttls = way.starttls;
	account.timeout = account.timeout < PATIENCE ? account.timeout : PATIENCE;
	app_report_start(c->report);
	if (submit_reach_prepare(&account, &reach, &e) == 0 && try(c, &reach, &e) == 0) {
		app_report_add(c->report, APP_REPORT_OK, N_("other ports"), "port %u with %s works",
		    way.number, words);
		return true;
	}
	app_report_add(c->report, APP_REPORT_NOTE, N_("other ports"), "port %u with %s: %s",
	    way.number, words, e.msg);
	return false;
}

struct app_port
app_check_ways_try(struct app_check *c)
{
	const struct conf_account *account = c->account;
	struct app_port works = {0, false};
	struct app_ports ways = {.count = 0};
	size_t first;

	if (account->socket != NULL)
		return works;
	/* The account's own way is known; a port that took no connection will take none the other
	   way either. */
	app_ports_add(&ways, account->port, account->tls && account->tls_starttls);
	first = account->tls ? 1 : 0;
	app_ports_add(&ways, account->port, !ways.at[0].starttls);
	if (c->peer.address[0] == '\0')
		first = ways.count;
	app_ports_add_known(&ways, account);
	for (size_t i = first; i < ways.count; i++) {
		if (try_way(c, ways.at[i]) && works.number == 0)
			works = ways.at[i];
	}
	return works;
}
