/*
 * dns_spf: what SPF says about a sender, and about the server that an account sends through.
 */
#include <config.h>

#include "app/dns_inside.h"
#include "base/i18n.h"
#include "domain/spf.h"

#include "base/banned.h"

enum {
	ADDRESSES_MAX = 4, /* of the server, that SPF is judged for */
	ADDRESS_SIZE = 64,
};

/* Adds the addresses of the account's server, as many as fit, behind COUNT others. */
static int
find_addresses(const struct app_dns_inquiry *q, const char *host, enum net_record_type type,
    char out[ADDRESSES_MAX][ADDRESS_SIZE], size_t *count, struct err *e)
{
	struct net_records records = NET_RECORDS_INIT;
	size_t most = *count + ADDRESSES_MAX / 2;
	int rc = net_resolver_ask(&q->resolver, host, type, q->within, &records, e);

	for (size_t i = 0; rc == 0 && i < records.count && *count < most; i++)
		(void)str_copy(out[(*count)++], ADDRESS_SIZE, records.at[i].value);
	net_record_free(&records);
	return rc;
}

static int
find_all_addresses(const struct app_dns_inquiry *q, const char *host,
    char out[ADDRESSES_MAX][ADDRESS_SIZE], size_t *count, struct err *e)
{
	*count = 0;
	if (net_name_is_address(host)) {
		(void)str_copy(out[(*count)++], ADDRESS_SIZE, str_slice(host));
		return 0;
	}
	if (find_addresses(q, host, NET_RECORD_A, out, count, e) != 0)
		return -1;
	return find_addresses(q, host, NET_RECORD_AAAA, out, count, e);
}

/* What the record says about ADDRESS; "" for none. */
static struct domain_spf
check_spf(const struct app_dns_inquiry *q, const char *address)
{
	const struct domain_spf_query query = {
	    .resolver = &q->resolver,
	    .within = q->within,
	    .domain = q->sender,
	    .local = q->local,
	    .address = address,
	};
	struct domain_spf spf = DOMAIN_SPF_INIT;

	domain_spf_check(&query, &spf);
	return spf;
}

/* Is every address of the account's server covered? Each has a line. */
static int
judge_addresses(struct app_dns_inquiry *q, struct err *e)
{
	char addresses[ADDRESSES_MAX][ADDRESS_SIZE], host[NET_NAME_SIZE];
	size_t count = 0, passed = 0;

	if (net_name_to_ascii(str_slice(q->account.account->host), host, e) != 0 ||
	    find_all_addresses(q, host, addresses, &count, e) != 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct domain_spf spf = check_spf(q, addresses[i]);
		bool good = spf.result == DOMAIN_SPF_PASS;

		passed += good ? 1 : 0;
		app_report_add(&q->report, good ? APP_REPORT_OK : APP_REPORT_WARNING, N_("SPF"),
		    "%s of %s: %s", addresses[i], host, domain_spf_result_name(spf.result));
		if (spf.trouble.ex != 0)
			app_report_more(&q->report, "%s", spf.trouble.msg);
		domain_spf_free(&spf);
	}
	if (count > 0)
		q->facts.spf = passed == count ? APP_DNS_COVERED : APP_DNS_UNCOVERED;
	return 0;
}

/* Is the account's server covered? */
static int
judge_server(struct app_dns_inquiry *q, const struct domain_spf *spf, struct err *e)
{
	if (q->facts.server == NULL)
		return 0;
	if (q->facts.include != NULL && domain_spf_includes(spf, q->facts.include)) {
		q->facts.spf = APP_DNS_COVERED;
		app_report_add(&q->report, APP_REPORT_OK, N_("SPF"),
		    "it includes %s, which names the servers of %s", q->facts.include,
		    q->facts.server);
		return 0;
	}
	if (q->facts.include == NULL)
		return q->account.account != NULL ? judge_addresses(q, e) : 0;
	q->facts.spf = APP_DNS_UNCOVERED;
	app_report_add(&q->report, APP_REPORT_WARNING, N_("SPF"),
	    "it does not include %s, which names the servers of %s", q->facts.include,
	    q->facts.server);
	return 0;
}

int
app_dns_spf_look(struct app_dns_inquiry *q, struct err *e)
{
	struct domain_spf spf = check_spf(q, "");
	int rc = 0;

	if (spf.result == DOMAIN_SPF_TEMPERROR) {
		*e = spf.trouble;
		rc = -1;
	} else if (spf.result == DOMAIN_SPF_PERMERROR) {
		app_report_fail(&q->report, N_("SPF"), &spf.trouble);
	} else if (spf.result == DOMAIN_SPF_NONE) {
		app_report_add(
		    &q->report, APP_REPORT_WARNING, N_("SPF"), "%s has no SPF record", q->sender);
	} else {
		app_report_add(&q->report, APP_REPORT_OK, N_("SPF"),
		    "%s has a record; it needs %u of %d look-ups", q->sender, spf.lookups,
		    DOMAIN_SPF_LOOKUPS_MAX);
	}
	if (rc == 0 && spf.record.len > 0)
		app_report_more(&q->report, "%s", buf_text(&spf.record));
	if (spf.result == DOMAIN_SPF_PASS)
		app_report_add(&q->report, APP_REPORT_WARNING, N_("SPF"),
		    "it lets any server send mail of %s, a stranger's too: let it end with ~all",
		    q->sender);
	if (rc == 0 && (spf.result == DOMAIN_SPF_PERMERROR || spf.result == DOMAIN_SPF_NONE))
		q->facts.spf = APP_DNS_UNCOVERED;
	else if (rc == 0)
		rc = judge_server(q, &spf, e);
	domain_spf_free(&spf);
	return rc;
}
