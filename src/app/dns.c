/*
 * dns: see dns.h.
 */
#include <config.h>

#include <inttypes.h>

#include "app/dns.h"
#include "app/dns_inside.h"
#include "base/i18n.h"
#include "domain/dkim.h"
#include "domain/dmarc.h"

#include "base/banned.h"

enum { SECONDS = 60 }; /* for all questions together */

/* Selectors that are tried where nobody names one. */
static const char *const usual_selectors[] = {
    "default", "mail", "dkim", "google", "selector1", "selector2", "s1", "s2", "k1", "k2", NULL};

static int
ask(const struct app_dns_inquiry *q, const char *name, enum net_record_type type,
    struct net_records *records, struct err *e)
{
	return net_resolver_ask(&q->resolver, name, type, q->within, records, e);
}

/* The mail goes through PROVIDER; NULL changes nothing. */
static void
take_provider(struct app_dns_inquiry *q, const struct conf_provider *provider)
{
	if (provider == NULL)
		return;
	q->provider = provider;
	if (provider->spf[0] != '\0')
		q->facts.include = provider->spf;
	if (q->facts.server == NULL)
		q->facts.server = provider->title;
}

/* --- MX, SRV --- */

static int
look_at_mx(struct app_dns_inquiry *q, struct err *e)
{
	struct net_records records = NET_RECORDS_INIT;
	int rc = ask(q, q->from, NET_RECORD_MX, &records, e);

	if (rc == 0 && !records.exists)
		rc = err_set(e, EX_NOHOST, "the domain '%s' does not exist", q->from);
	else if (rc == 0 && records.count == 0)
		app_report_add(&q->report, APP_REPORT_WARNING, N_("MX"),
		    "none: answers to %s may not arrive, and receivers dislike that", q->from);
	for (size_t i = 0; rc == 0 && i < records.count; i++) {
		const struct net_record *record = &records.at[i];

		if (record->value.len == 0)
			app_report_add(&q->report, APP_REPORT_WARNING, N_("MX"),
			    "%s says that it takes no mail, so no answers either", q->from);
		else
			app_report_add(&q->report, APP_REPORT_OK, N_("MX"),
			    "mail for %s goes to %s (%u)", q->from, record->value.ptr,
			    (unsigned)record->priority);
		if (q->account.account == NULL && q->provider == NULL && record->value.len > 0)
			take_provider(q, conf_provider_of_mx(q->more, record->value));
	}
	if (rc == 0 && q->provider != NULL)
		app_report_add(
		    &q->report, APP_REPORT_NOTE, N_("provider"), "%s", q->provider->title);
	net_record_free(&records);
	return rc;
}

/* Where mail programs find the submission server (RFC 6186, RFC 8314). */
static const struct {
	const char *service, *words;
} services[] = {
    {"_submissions._tcp", N_("submission over TLS")},
    {"_submission._tcp", N_("submission over STARTTLS")},
};

static int
look_at_service(struct app_dns_inquiry *q, size_t index, size_t *found, struct err *e)
{
	struct net_records records = NET_RECORDS_INIT;
	struct buf name = BUF_INIT(2 * NET_NAME_SIZE);
	int rc;

	buf_addf(&name, "%s.%s", services[index].service, q->from);
	rc = ask(q, buf_text(&name), NET_RECORD_SRV, &records, e);
	for (size_t i = 0; rc == 0 && i < records.count; i++) {
		*found += 1;
		if (records.at[i].value.len == 0)
			app_report_add(&q->report, APP_REPORT_NOTE, N_("SRV"),
			    "%s says that it does not offer this: %s", q->from,
			    services[index].service);
		else
			app_report_add(&q->report, APP_REPORT_OK, N_("SRV"), "%s: %s port %u",
			    i18n_text(services[index].words), records.at[i].value.ptr,
			    (unsigned)records.at[i].port);
	}
	net_record_free(&records);
	buf_free(&name);
	return rc;
}

static int
look_at_srv(struct app_dns_inquiry *q, struct err *e)
{
	size_t found = 0;

	for (size_t i = 0; i < sizeof services / sizeof services[0]; i++) {
		if (look_at_service(q, i, &found, e) != 0)
			return -1;
	}
	if (found == 0)
		app_report_add(&q->report, APP_REPORT_NOTE, N_("SRV"),
		    "none: mail programs cannot find the server for submission by themselves");
	return 0;
}

/* --- DKIM --- */

static const struct {
	enum app_report_mark mark;
	const char *words;
} keys[] = {
    [DOMAIN_DKIM_GOOD] = {APP_REPORT_OK, N_("receivers take this key")},
    [DOMAIN_DKIM_WEAK] = {APP_REPORT_WARNING, N_("too short a key, which receivers do not take")},
    [DOMAIN_DKIM_REVOKED] = {APP_REPORT_WARNING, N_("the key was revoked")},
    [DOMAIN_DKIM_BAD] = {APP_REPORT_WARNING, N_("no key for mail can be read in this record")},
};

static void
report_key(struct app_dns_inquiry *q, const char *selector, const struct domain_dkim *key)
{
	if (key->bits > 0)
		app_report_add(&q->report, keys[key->state].mark, N_("DKIM"),
		    "selector %s (%s, %u bits): %s", selector, key->type, key->bits,
		    i18n_text(keys[key->state].words));
	else
		app_report_add(&q->report, keys[key->state].mark, N_("DKIM"), "selector %s: %s",
		    selector, i18n_text(keys[key->state].words));
	if (key->alias[0] != '\0')
		app_report_more(&q->report, "kept at %s", key->alias);
	if (key->testing)
		app_report_more(&q->report,
		    "t=y: it is marked as a test, and counts for nothing with some receivers");
}

/* The selectors of the option, "a,b"; else the usual ones. */
static int
look_at_dkim(struct app_dns_inquiry *q, struct err *e)
{
	const char *const *selectors = usual_selectors;
	struct slice named = str_slice(q->options->selector);
	bool certain = named.ptr != NULL; /* where a key is missing, that is worth a line */
	size_t found = 0;

	if (!certain && q->provider != NULL && q->provider->dkim[0] != NULL) {
		selectors = q->provider->dkim;
		certain = true;
	}

	for (size_t i = 0;
	     named.ptr != NULL || (q->options->selector == NULL && selectors[i] != NULL); i++) {
		struct slice text =
		    named.ptr != NULL ? str_trim(str_cut(&named, ',')) : str_slice(selectors[i]);
		struct domain_dkim key;
		char selector[NET_NAME_SIZE];

		if (net_name_to_ascii(text, selector, e) != 0)
			return err_prefix(e, "option '--selector'");
		if (domain_dkim_find(&q->resolver, selector, q->from, q->within, &key, e) != 0)
			return -1;
		if (key.state != DOMAIN_DKIM_NONE)
			report_key(q, selector, &key);
		else if (certain)
			app_report_add(&q->report, APP_REPORT_WARNING, N_("DKIM"),
			    "selector %s: there is no key", selector);
		found += key.state != DOMAIN_DKIM_NONE ? 1 : 0;
		q->facts.dkim = q->facts.dkim || key.state == DOMAIN_DKIM_GOOD;
	}
	if (found == 0 && !certain)
		app_report_add(&q->report, APP_REPORT_NOTE, N_("DKIM"),
		    "no key under the usual selectors; the s= of a DKIM-Signature names the "
		    "selector, for --selector");
	return 0;
}

/* --- DMARC --- */

/* Is the envelope's sender in line with From? */
static int
align(struct app_dns_inquiry *q, struct err *e)
{
	struct domain_dmarc other = DOMAIN_DMARC_INIT;
	int rc = domain_dmarc_find(&q->resolver, q->sender, q->within, &other, e);

	if (rc == 0)
		q->facts.sender_aligned = domain_dmarc_is_aligned(
		    &q->dmarc, q->dmarc.strict_spf, q->from, q->sender, other.organisation);
	domain_dmarc_free(&other);
	return rc;
}

static void
report_policy(struct app_dns_inquiry *q)
{
	const struct domain_dmarc *dmarc = &q->dmarc;

	if (dmarc->repeated_at[0] != '\0')
		app_report_add(&q->report, APP_REPORT_WARNING, N_("DMARC"),
		    "%s has more than one DMARC record, and receivers use none of them",
		    dmarc->repeated_at);
	else if (dmarc->record.len == 0)
		app_report_add(&q->report, APP_REPORT_WARNING, N_("DMARC"),
		    "%s has no policy, and large providers want one", q->from);
	if (dmarc->record.len == 0)
		return;
	app_report_add(&q->report, APP_REPORT_OK, N_("DMARC"),
	    "the policy is %s for %u%% of the mail, published at %s",
	    domain_dmarc_policy_name(dmarc->policy), dmarc->percent, dmarc->published_at);
	app_report_more(&q->report, "%s", buf_text(&dmarc->record));
	if (dmarc->testing)
		app_report_more(
		    &q->report, "t=y: it is marked as a test; receivers are one step milder");
}

static int
look_at_dmarc(struct app_dns_inquiry *q, struct err *e)
{
	if (domain_dmarc_find(&q->resolver, q->from, q->within, &q->dmarc, e) != 0 ||
	    align(q, e) != 0)
		return -1;
	report_policy(q);
	if (!q->facts.sender_aligned)
		app_report_add(&q->report, APP_REPORT_WARNING, N_("DMARC"),
		    "the envelope's sender is of %s, which is not in line with From", q->sender);
	return 0;
}

/* --- the run --- */

/* The sender of the account: the first of its `from` lines that is an address. */
static void
take_sender(struct app_dns_inquiry *q)
{
	const struct conf_list *from = &q->account.account->from;
	struct mail_address address = {0};
	struct err ignored;

	for (size_t i = 0; i < from->count; i++) {
		if (mail_address_parse(&address, str_slice(from->items[i]), &ignored) == 0 &&
		    net_name_to_ascii(str_slice(address.domain), q->sender, &ignored) == 0) {
			(void)str_copy(q->local, sizeof q->local, str_slice(address.local));
			mail_address_free(&address);
			return;
		}
		mail_address_free(&address);
	}
}

static int
find_account(struct app_dns_inquiry *q, struct err *e)
{
	if (conf_provider_file_load(&q->more, e) != 0)
		return -1;
	if (!app_account_is_named(q->options)) {
		take_provider(q, conf_provider_of_domain(q->more, str_slice(q->from)));
		return 0;
	}
	if (app_account_find(&q->account, q->options, NULL, NULL, e) != 0)
		return -1;
	take_sender(q);
	if (!net_name_is_loopback(q->account.account->host))
		q->facts.server = q->account.account->host;
	take_provider(q, conf_provider_of_host(q->more, str_slice(q->account.account->host)));
	return 0;
}

static int
begin(struct app_dns_inquiry *q, struct err *e)
{
	const struct app_options *options = q->options;
	struct slice domain = str_slice(options->operand_count > 0 ? options->operands[0] : "");

	if (options->operand_count != 1)
		return err_set(
		    e, EX_USAGE, "dns takes one domain, not %zu", options->operand_count);
	if (str_find(domain, '@') < domain.len) /* an address, as the other commands take it */
		(void)str_cut(&domain, '@');
	if (net_name_to_ascii(domain, q->from, e) != 0)
		return -1;
	if (options->resolver != NULL &&
	    net_resolver_parse(str_slice(options->resolver), &q->resolver, e) != 0)
		return err_prefix(e, "option '--resolver'");
	(void)str_copy(q->sender, sizeof q->sender, str_slice(q->from));
	(void)str_copy(q->local, sizeof q->local, str_slice("postmaster"));
	q->within = deadline_in((int64_t)SECONDS * 1000);
	q->facts.from = q->from;
	q->facts.sender = q->sender;
	q->facts.dmarc = &q->dmarc;
	return find_account(q, e);
}

static int (*const steps[])(struct app_dns_inquiry *q, struct err *e) = {
    look_at_mx, look_at_srv, app_dns_spf_look, look_at_dkim, look_at_dmarc};

static int
look(struct app_dns_inquiry *q, struct err *e)
{
	int rc = 0;

	app_report_open(&q->report, q->options->json, false);
	for (size_t i = 0; rc == 0 && i < sizeof steps / sizeof steps[0]; i++)
		rc = steps[i](q, e);
	if (rc == 0 && !app_dns_judge(&q->facts, &q->report))
		rc = err_told(e, EX_UNAVAILABLE);
	if (app_report_close(&q->report, rc == 0 ? e : &q->report.trouble) != 0)
		rc = -1;
	return rc;
}

int
app_dns_run(const struct app_options *options, struct err *e)
{
	struct app_dns_inquiry q = {.options = options, .dmarc = DOMAIN_DMARC_INIT};
	int rc = begin(&q, e);

	if (rc == 0)
		rc = look(&q, e);
	domain_dmarc_free(&q.dmarc);
	app_account_free(&q.account);
	conf_provider_file_free(q.more);
	return rc;
}
