/*
 * dmarc: see dmarc.h.
 */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "domain/dmarc.h"
#include "domain/tags.h"

#include "base/banned.h"

/* Labels that a walk begins with at the most, below the domain itself. */
enum { LABELS_MAX = 7 };

static const char *const policies[] = {
    [DOMAIN_DMARC_NONE] = "none",
    [DOMAIN_DMARC_QUARANTINE] = "quarantine",
    [DOMAIN_DMARC_REJECT] = "reject",
};

/* The policy that VALUE names; whatever it does not know is none (RFC 7489, 6.6.3). */
static enum domain_dmarc_policy
policy_of(struct slice value)
{
	for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
		if (str_is_nocase(value, policies[i]))
			return (enum domain_dmarc_policy)i;
	}
	return DOMAIN_DMARC_NONE;
}

/*
 * The policy published at DOMAIN, in OUT, which is left empty where there is none, or several:
 * then REPEATED_AT is the domain.
 */
static int
fetch(const struct net_resolver *resolver, const char *domain, struct deadline within,
    struct buf *out, char repeated_at[NET_NAME_SIZE], struct err *e)
{
	struct net_records records = NET_RECORDS_INIT;
	char name[NET_NAME_SIZE + 8];
	size_t found = 0;
	int rc;

	buf_reset(out);
	(void)snprintf(name, sizeof name, "_dmarc.%s", domain);
	rc = net_resolver_ask(resolver, name, NET_RECORD_TXT, within, &records, e);
	for (size_t i = 0; rc == 0 && i < records.count; i++) {
		if (!domain_tags_begins(records.at[i].value, "v", "DMARC1"))
			continue;
		if (found++ == 0)
			buf_add_slice(out, records.at[i].value);
	}
	if (found > 1) {
		buf_reset(out);
		(void)str_copy(repeated_at, NET_NAME_SIZE, str_slice(domain));
	}
	net_record_free(&records);
	return rc;
}

static size_t
count_labels(const char *domain)
{
	size_t labels = 1;

	for (; *domain != '\0'; domain++)
		labels += *domain == '.' ? 1 : 0;
	return labels;
}

static const char *
parent_of(const char *domain)
{
	const char *dot = strchr(domain, '.');

	return dot != NULL ? dot + 1 : NULL;
}

/* The domain to look at after DOMAIN, on which the walk began where FIRST. */
static const char *
next_of(const char *domain, bool first)
{
	const char *next = parent_of(domain);

	while (first && next != NULL && count_labels(next) > LABELS_MAX)
		next = parent_of(next);
	return next;
}

/* Takes over the policy RECORD of AT, as it is for mail From DOMAIN. */
static void
take(struct domain_dmarc *out, struct slice record, const char *at, const char *domain)
{
	struct slice own = domain_tags_find(record, "p"), below = domain_tags_find(record, "sp");
	bool inherited = strcmp(at, domain) != 0;
	uint64_t percent = 100;

	buf_reset(&out->record);
	buf_add_slice(&out->record, record);
	(void)str_copy(out->published_at, sizeof out->published_at, str_slice(at));
	out->policy = policy_of(inherited && below.ptr != NULL ? below : own);
	out->strict_spf = str_is_nocase(domain_tags_find(record, "aspf"), "s");
	out->strict_dkim = str_is_nocase(domain_tags_find(record, "adkim"), "s");
	out->testing = str_is_nocase(domain_tags_find(record, "t"), "y");
	(void)str_number(domain_tags_find(record, "pct"), 0, 100, &percent);
	out->percent = (unsigned)percent;
}

int
domain_dmarc_find(const struct net_resolver *resolver, const char *domain, struct deadline within,
    struct domain_dmarc *out, struct err *e)
{
	struct buf record = BUF_INIT(NET_RECORD_ANSWER_MAX);
	const char *below = domain;
	bool ended = false;
	int rc = 0;

	(void)str_copy(out->organisation, sizeof out->organisation, str_slice(domain));
	for (const char *at = domain; rc == 0 && at != NULL && !ended;
	     at = next_of(at, at == domain)) {
		struct slice psd;

		rc = fetch(resolver, at, within, &record, out->repeated_at, e);
		psd = domain_tags_find(buf_slice(&record), "psd");
		if (rc == 0 && record.len > 0) {
			bool is_suffix = str_is_nocase(psd, "y") && at != domain;

			(void)str_copy(out->organisation, sizeof out->organisation,
			    str_slice(is_suffix ? below : at));
			if (strcmp(out->published_at, domain) != 0)
				take(out, buf_slice(&record), at, domain);
			ended = is_suffix || str_is_nocase(psd, "n");
		}
		below = at;
	}
	buf_free(&record);
	return rc;
}

enum domain_dmarc_policy
domain_dmarc_in_force(const struct domain_dmarc *dmarc)
{
	bool milder = dmarc->testing && dmarc->policy > DOMAIN_DMARC_NONE;

	return (enum domain_dmarc_policy)(dmarc->policy - (milder ? 1 : 0));
}

const char *
domain_dmarc_policy_name(enum domain_dmarc_policy policy)
{
	return policies[policy];
}

bool
domain_dmarc_is_aligned(const struct domain_dmarc *dmarc, bool strict, const char *from,
    const char *domain, const char *organisation)
{
	if (str_is_nocase(str_slice(from), domain))
		return true;
	return !strict && str_is_nocase(str_slice(dmarc->organisation), organisation);
}

void
domain_dmarc_free(struct domain_dmarc *dmarc)
{
	buf_free(&dmarc->record);
}
