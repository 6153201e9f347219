/*
 * dmarc: what a domain asks receivers to do with mail that bears its name and neither SPF nor DKIM
 * vouch for (DMARC, RFC 7489), and which domains count as one.
 *
 * The organisational domain is found without a list of public suffixes, by DMARCbis's walk up the
 * tree of names: it is the topmost domain with a policy, unless one on the way says otherwise by
 * `psd`.
 */
#ifndef DOMAIN_DMARC_H
#define DOMAIN_DMARC_H

#include "base/buf.h"
#include "base/deadline.h"
#include "base/err.h"
#include "net/name.h"
#include "net/resolver.h"

enum domain_dmarc_policy {
	DOMAIN_DMARC_NONE, /* or no policy at all */
	DOMAIN_DMARC_QUARANTINE,
	DOMAIN_DMARC_REJECT,
};

struct domain_dmarc {
	struct buf record;		  /* empty where there is no policy */
	char published_at[NET_NAME_SIZE]; /* the domain that has it */
	char organisation[NET_NAME_SIZE]; /* the organisational domain */
	enum domain_dmarc_policy policy;  /* in force for the domain that was asked for */
	bool strict_spf, strict_dkim;	  /* aspf=s, adkim=s */
	bool testing;			  /* t=y: the policy is not meant yet */
	unsigned percent;		  /* pct: how much of the mail it is for */
	char repeated_at[NET_NAME_SIZE];  /* the domain that has several, of which none counts */
};

#define DOMAIN_DMARC_INIT                                 \
	{                                                 \
		.record = BUF_INIT(NET_RECORD_ANSWER_MAX) \
	}

/*
 * Finds the policy that is in force for mail From DOMAIN (A-labels). The caller frees OUT, which it
 * made with DOMAIN_DMARC_INIT. 0 also where there is none; -1 as net_resolver_ask.
 */
int domain_dmarc_find(const struct net_resolver *resolver, const char *domain,
    struct deadline within, struct domain_dmarc *out, struct err *e);

/* The policy as it is meant: one step milder while it is marked as a test. */
enum domain_dmarc_policy domain_dmarc_in_force(const struct domain_dmarc *dmarc);

/* "none", "quarantine", "reject". */
const char *domain_dmarc_policy_name(enum domain_dmarc_policy policy);

/* Is DOMAIN, of the organisation ORGANISATION, in line with From's FROM, of which DMARC is? */
bool domain_dmarc_is_aligned(const struct domain_dmarc *dmarc, bool strict, const char *from,
    const char *domain, const char *organisation);

void domain_dmarc_free(struct domain_dmarc *dmarc);

#endif
