/*
 * setup_find: see setup_find.h.
 */
#include <config.h>

#include <stdio.h>

#include "app/check_ways.h"
#include "app/setup_account.h"
#include "app/setup_find.h"
#include "base/i18n.h"
#include "base/terminal.h"
#include "conf/account_settle.h"
#include "net/resolver.h"

#include "base/banned.h"

enum {
	SECONDS = 30,	  /* for all questions to name servers */
	TLS_PORT = 465,	  /* RFC 8314, 7.3 */
	SUBMISSION = 587, /* RFC 6409 */
	PATIENCE = 600,	  /* seconds for an answer at the terminal */
	QUESTION_MAX = 4096,
};

/* One search. */
struct search {
	const struct app_setup_find_params *p;
	struct app_report *report;
	struct net_resolver resolver;
	struct deadline within;
	struct app_setup_find *out;
};

/* Asks for the region of P, where nothing was said; without a terminal it stays unsaid. */
static int
ask_region(const struct search *s, const struct conf_provider *p, struct buf *region, struct err *e)
{
	struct buf question = BUF_INIT(QUESTION_MAX);
	int rc;

	if (region->len > 0 || p->regions[0] == NULL || s->p->options->yes)
		return 0;
	buf_addf(&question, _("%s has a server for each region:\n"), p->title);
	for (const char *const *known = p->regions; *known != NULL; known++)
		buf_addf(&question, "    %s\n", *known);
	buf_adds(&question, _("Which is yours? "));
	rc = terminal_ask(buf_text(&question), deadline_in((int64_t)PATIENCE * 1000), region, e);
	buf_free(&question);
	return rc < 0 ? -1 : 0;
}

/* Takes the server of P, in the REGION that an option says (no value: none was said). */
static int
take_provider(struct search *s, const struct conf_provider *p, struct slice said, struct err *e)
{
	struct buf host = BUF_INIT(NET_NAME_SIZE - 1);
	struct buf region = BUF_INIT(sizeof s->out->region - 1);
	int rc;

	buf_add_slice(&region, str_trim(said));
	rc = ask_region(s, p, &region, e);
	if (rc == 0)
		rc = conf_provider_host(
		    p, str_trim(buf_slice(&region)), str_slice(s->p->domain), &host, e);
	if (rc != 0 && p->regions[0] != NULL)
		(void)err_hint(e, "name yours, such as --provider='%s %s'", p->name, p->regions[0]);
	else if (rc != 0)
		(void)err_hint(e, "name the server yourself, with --host");
	s->out->provider = p;
	(void)str_copy(s->out->host, sizeof s->out->host, buf_slice(&host));
	(void)str_copy(s->out->region, sizeof s->out->region, str_trim(buf_slice(&region)));
	s->out->port = p->port[0].number;
	s->out->starttls = p->port[0].starttls;
	buf_free(&host);
	buf_free(&region);
	return rc;
}

static const struct slice none = {NULL, 0};

/* --- the ways to find it: 1 where it was found, 0 where not, -1 on errors --- */

static int
by_option(struct search *s, struct err *e)
{
	const char *host = app_setup_account_option(s->p->options, "host"),
		   *port = app_setup_account_option(s->p->options, "port");
	uint64_t number = TLS_PORT;

	if (host == NULL)
		return 0;
	(void)str_number(str_slice(port), 1, UINT16_MAX, &number);
	if (net_name_to_ascii(str_slice(host), s->out->host, e) != 0)
		return err_prefix(e, "option '--host'");
	s->out->provider = conf_provider_of_host(s->p->more, str_slice(host));
	s->out->port = (unsigned)number;
	s->out->starttls = number != TLS_PORT;
	s->out->sure = true;
	return 1;
}

/* The provider, and perhaps its region, that an option names. */
static int
by_name(struct search *s, struct err *e)
{
	struct slice region = str_slice(s->p->options->provider), name;
	const struct conf_provider *p;

	if (s->p->options->provider == NULL)
		return 0;
	name = str_cut(&region, ' ');
	p = conf_provider_find(s->p->more, name);
	s->out->sure = true;
	if (p == NULL)
		return conf_provider_unknown(s->p->more, name, e);
	return take_provider(s, p, region, e) == 0 ? 1 : -1;
}

static int
by_domain(struct search *s, struct err *e)
{
	const struct conf_provider *p =
	    conf_provider_of_domain(s->p->more, str_slice(s->p->domain));

	if (p == NULL)
		return 0;
	s->out->sure = true;
	return take_provider(s, p, none, e) == 0 ? 1 : -1;
}

static int
by_mx(struct search *s, struct err *e)
{
	struct net_records records = NET_RECORDS_INIT;
	const struct conf_provider *p = NULL;
	int rc =
	    net_resolver_ask(&s->resolver, s->p->domain, NET_RECORD_MX, s->within, &records, e);

	if (rc == 0 && !records.exists)
		rc = err_set(e, EX_NOHOST, "the domain '%s' does not exist", s->p->domain);
	for (size_t i = 0; rc == 0 && p == NULL && i < records.count; i++)
		p = conf_provider_of_mx(s->p->more, records.at[i].value);
	net_record_free(&records);
	if (rc != 0 || p == NULL)
		return rc;
	return take_provider(s, p, none, e) == 0 ? 1 : -1;
}

/* The best target of the records of SERVICE; a "." says that there is none. */
static int
by_service(struct search *s, const char *service, bool starttls, struct err *e)
{
	struct net_records records = NET_RECORDS_INIT;
	char name[2 * NET_NAME_SIZE];
	struct err ignored;
	int rc;

	(void)snprintf(name, sizeof name, "%s.%s", service, s->p->domain);
	rc = net_resolver_ask(&s->resolver, name, NET_RECORD_SRV, s->within, &records, e);
	if (rc == 0 && records.count > 0 && records.at[0].value.len > 0 &&
	    net_name_to_ascii(records.at[0].value, s->out->host, &ignored) == 0) {
		s->out->provider = conf_provider_of_host(s->p->more, records.at[0].value);
		s->out->port = records.at[0].port;
		s->out->starttls = starttls;
		rc = 1;
	}
	net_record_free(&records);
	return rc;
}

static int
by_srv(struct search *s, struct err *e)
{
	int rc = by_service(s, "_submissions._tcp", false, e);

	return rc == 0 ? by_service(s, "_submission._tcp", true, e) : rc;
}

/* Does HOST speak SMTP at PORT, under a certificate that bears its name? */
static bool
answers(const struct search *s, const char *host, unsigned port, bool starttls)
{
	struct conf_account *account = conf_account_new(str_slice(""));
	char number[16];
	struct err ignored;
	bool good;

	if (account == NULL)
		return false;
	(void)snprintf(number, sizeof number, "%u", port);
	good = app_setup_account_take(account, s->p->options, &ignored) == 0 &&
	       conf_account_override(account, "host", str_slice(host), "", &ignored) == 0 &&
	       conf_account_override(account, "port", str_slice(number), "", &ignored) == 0 &&
	       conf_account_override(account, "tls", str_slice("on"), "", &ignored) == 0 &&
	       conf_account_override(account, "tls_starttls", str_slice(starttls ? "on" : "off"),
		   "", &ignored) == 0 &&
	       conf_account_settle(account, &ignored) == 0 &&
	       app_check_ways_reach(account, &ignored) == 0;
	conf_account_free(account);
	return good;
}

static int
by_usual_names(struct search *s, struct err *e)
{
	static const char *const names[] = {"smtp.", "mail.", ""};

	(void)e;
	for (size_t i = 0; i < 2 * (sizeof names / sizeof names[0]); i++) {
		bool starttls = i % 2 == 1;

		(void)snprintf(
		    s->out->host, sizeof s->out->host, "%s%s", names[i / 2], s->p->domain);
		s->out->port = starttls ? SUBMISSION : TLS_PORT;
		s->out->starttls = starttls;
		if (answers(s, s->out->host, s->out->port, starttls))
			return 1;
	}
	return 0;
}

static const struct {
	int (*find)(struct search *s, struct err *e);
	const char *how;
	bool guesses; /* at servers of providers that we do not know */
} ways[] = {
    {by_option, N_("as you say"), false},
    {by_name, N_("as you say"), false},
    {by_domain, N_("by the domain of the address"), false},
    {by_mx, N_("by the MX record of the domain"), false},
    {by_srv, N_("by the SRV record of the domain"), true},
    {by_usual_names, N_("by trying usual names"), true},
};

/* Goes the ways. 1 where one led to a server, else 0. */
static int
find(struct search *s, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof ways / sizeof ways[0]; i++) {
		rc = s->p->known && ways[i].guesses ? 0 : ways[i].find(s, e);
		if (rc == 1)
			app_report_add(s->report, APP_REPORT_OK, N_("server"),
			    "%s port %u with %s, found %s", s->out->host, s->out->port,
			    s->out->starttls ? "STARTTLS" : "TLS", i18n_text(ways[i].how));
	}
	return rc;
}

static int
fail(const struct app_setup_find_params *p, struct err *e)
{
	if (p->known) {
		(void)err_set(e, EX_CONFIG,
		    "no provider that imbuca knows serves addresses at '%s'", p->domain);
		return err_hint(e, "imbuca setup looks for the server of any address; imbuca "
				   "providers lists those that are known");
	}
	(void)err_set(e, EX_NOHOST, "no server was found for addresses at '%s'", p->domain);
	return err_hint(e, "ask the provider for the name of its server for outgoing mail, "
			   "and give it with --host");
}

int
app_setup_find_server(const struct app_setup_find_params *params, struct app_report *report,
    struct app_setup_find *out, struct err *e)
{
	const char *resolver = params->options->resolver;
	struct search s = {.p = params,
	    .report = report,
	    .within = deadline_in((int64_t)SECONDS * 1000),
	    .out = out};
	int rc;

	*out = (struct app_setup_find){.provider = NULL};
	if (resolver != NULL && net_resolver_parse(str_slice(resolver), &s.resolver, e) != 0)
		return err_prefix(e, "option '--resolver'");
	rc = find(&s, e);
	if (rc == 0)
		return fail(params, e);
	return rc == 1 ? 0 : -1;
}
