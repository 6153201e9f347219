/*
 * check: see check.h.
 */
#include <config.h>

#include <unistd.h>

#include "app/account.h"
#include "app/check.h"
#include "app/check_find.h"
#include "app/check_inside.h"
#include "app/failure.h"
#include "base/i18n.h"
#include "submit/identity.h"

#include "base/banned.h"

enum { PATIENCE = 30 }; /* seconds that a person waits for one answer */

static const struct step {
	const char *topic;
	app_check_step *run;
	bool by_the_way; /* another port may do where this fails */
} steps[] = {
    {N_("address"), app_check_server_address, false},
    {N_("connection"), app_check_server_connect, true},
    {N_("TLS"), app_check_server_tls, true},
    {N_("greeting"), app_check_server_greeting, true},
    {N_("EHLO"), app_check_server_hello, true},
    {N_("STARTTLS"), app_check_server_starttls, true},
    {N_("certificate"), app_check_server_certificate, false},
    {N_("extensions"), app_check_server_extensions, false},
    {N_("mechanisms"), app_check_login_mechanisms, false},
    {N_("login"), app_check_login_run, false},
    {N_("sender"), app_check_login_sender, false},
    {N_("size"), app_check_login_size, false},
    {N_("message"), app_check_login_message, false},
};

enum { STEPS = sizeof steps / sizeof steps[0] };

/* Whom --send names: a slip is told before the login that it would come behind. */
static int
read_recipient(struct app_check *c, struct err *e)
{
	const char *said = c->options->send;

	if (said == NULL || said[0] == '\0')
		return 0;
	if (mail_address_parse(&c->to, str_slice(said), e) != 0)
		return err_prefix(e, "option '%s'", "--send");
	if (c->to.domain[0] == '\0')
		return err_set(e, EX_USAGE, "'%s' is no whole address", said);
	return 0;
}

/* Makes what the account says ready for the network. */
static int
prepare(struct app_check *c, struct err *e)
{
	if (read_recipient(c, e) != 0 || submit_reach_prepare(c->account, &c->reach, e) != 0)
		return -1;
	c->reach.tls.destination = NULL; /* a session that is taken up again shows no certificate */
	return submit_identity_hello(c->account->domain, c->name, e);
}

/* Takes the steps. Returns the one that failed, NULL where none did. */
static const struct step *
walk(struct app_check *c, struct err *e)
{
	app_report_start(c->report);
	for (size_t i = 0; i < STEPS; i++) {
		if (steps[i].run(c, e) == 0)
			continue;
		app_report_fail(c->report, steps[i].topic, e);
		return &steps[i];
	}
	return NULL;
}

/* Ends the connection, so that another can be tried. */
static void
hang_up(struct app_check *c)
{
	struct net_stream *stream = c->client.dialogue.stream;

	if (stream != NULL)
		smtp_client_quit(&c->client);
	smtp_client_free(&c->client);
	net_stream_close(stream);
}

/* Says what else would work, to a person whose account does not. */
static void
advise(const struct app_check *c, struct app_port way)
{
	if (way.number == 0)
		return;
	app_report_conclude(c->report, "advice",
	    "Port %u with %s works: write %s'port %u' and 'tls_starttls %s' into the account.",
	    way.number, way.starttls ? "STARTTLS" : "TLS", app_ports_tls(c->account), way.number,
	    way.starttls ? "on" : "off");
}

/* The verdict on a FAILURE, which was completed by app_failure_explain. */
static void
tell(struct app_report *r, const struct err *failure)
{
	const char *remedy = app_failure_remedy(failure);

	app_report_conclude(r, "verdict", "It does not work: %s.", failure->msg);
	if (failure->cause != NULL)
		app_report_conclude(r, "cause", "The cause: %s.", i18n_text(failure->cause));
	if (remedy[0] != '\0')
		app_report_conclude(r, "remedy", "What to do: %s.", remedy);
	if (failure->page[0] != '\0')
		app_report_conclude(r, "page", "The page for it: %s", failure->page);
	if (failure->place[0] != '\0')
		app_report_conclude(r, "place", "In the accounts file: %s", failure->place);
}

static void
conclude(const struct app_check *c, const struct err *failure, struct app_port way)
{
	const struct conf_account *a = c->account;

	if (failure != NULL) {
		tell(c->report, failure);
		advise(c, way);
	} else if (c->untried.ex != 0) {
		app_report_conclude(c->report, "verdict",
		    "It works up to the login, through %s port %u; the login was not tried.",
		    a->host, a->port);
		app_report_conclude(c->report, "remedy", "What to do: %s.", c->untried.hint);
	} else if (c->warnings > 0) {
		app_report_conclude(c->report, "verdict",
		    "It works, through %s port %u; but mind the warnings.", a->host, a->port);
	} else {
		app_report_conclude(c->report, "verdict",
		    "All is well: mail can go through %s port %u.", a->host, a->port);
	}
}

int
app_check_account(const struct app_options *options, struct conf_account *account,
    const struct app_setup_find *server, struct app_report *report, struct err *e)
{
	struct app_check c = {
	    .options = options,
	    .report = report,
	    .account = account,
	    .server = server,
	    .transcript = {options->debug ? STDERR_FILENO : -1},
	};
	struct app_port way = {0, false};
	const struct step *failed = NULL;
	bool prepared;

	if (account->timeout == 0 || account->timeout > PATIENCE)
		account->timeout = PATIENCE;
	prepared = prepare(&c, e) == 0;
	if (!prepared)
		app_report_fail(report, N_("account"), e);
	else
		failed = walk(&c, e);
	hang_up(&c);
	if (!prepared || failed != NULL)
		(void)app_failure_explain(account, e);
	if (options->all_ports || (failed != NULL && failed->by_the_way))
		way = app_check_ways_try(&c);
	conclude(&c, !prepared || failed != NULL ? e : NULL, way);
	submit_login_free(&c.login);
	mail_address_free(&c.to);
	mail_address_free(&c.sender);
	return prepared && failed == NULL ? 0 : -1;
}

int
app_check_run(const struct app_options *options, struct err *e)
{
	struct app_account account;
	struct app_setup_find server;
	struct app_report report;
	struct err printing = ERR_INIT;
	int rc;

	if (options->operand_count > 1)
		return err_set(e, EX_USAGE, "check takes one account or address, not %zu",
		    options->operand_count);
	app_report_open(&report, options->json, true);
	rc = app_check_find(options, &report, &account, &server, e);
	if (rc == 0) {
		rc = app_check_account(
		    options, account.account, server.host[0] != '\0' ? &server : NULL, &report, e);
	} else {
		app_report_fail(&report, N_("account"), e);
		tell(&report, e);
	}
	app_account_free(&account);
	if (app_report_close(&report, &printing) != 0)
		*e = printing;
	else if (rc != 0)
		(void)err_told(e, e->ex);
	return rc != 0 || printing.ex != 0 ? -1 : 0;
}
