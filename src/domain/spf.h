/*
 * spf: which servers may send mail of a domain (SPF, RFC 7208), as a receiver finds out.
 *
 * The whole tree of includes is walked, also behind the term that decides, so that the number of
 * look-ups is that of the worst case, which is what a receiver may count.
 */
#ifndef DOMAIN_SPF_H
#define DOMAIN_SPF_H

#include "base/buf.h"
#include "base/deadline.h"
#include "base/err.h"
#include "net/resolver.h"

enum domain_spf_result {
	DOMAIN_SPF_NONE, /* there is no record */
	DOMAIN_SPF_NEUTRAL,
	DOMAIN_SPF_PASS,
	DOMAIN_SPF_SOFTFAIL,
	DOMAIN_SPF_FAIL,
	DOMAIN_SPF_TEMPERROR,
	DOMAIN_SPF_PERMERROR, /* receivers give it up: it is malformed, or needs too many look-ups
			       */
};

/* What a receiver grants a record (4.6.4). */
enum { DOMAIN_SPF_LOOKUPS_MAX = 10, DOMAIN_SPF_VOIDS_MAX = 2 };

/* The texts are the caller's. */
struct domain_spf_query {
	const struct net_resolver *resolver;
	struct deadline within; /* all of it */
	const char *domain;	/* the sender's, A-labels */
	const char *local;	/* and the part before its @ */
	const char *address;	/* a server that sends; "": only walk the record */
};

struct domain_spf {
	enum domain_spf_result result; /* for the address; without one, what `all` says */
	struct buf record;	       /* the domain's own, as published */
	struct buf names; /* the domains that it includes and redirects to, a \n behind each */
	unsigned lookups; /* of the whole tree; it is walked no further than thrice the allowance */
	unsigned voids;	  /* of them without an answer */
	struct err trouble; /* why, with TEMPERROR and PERMERROR */
};

#define DOMAIN_SPF_INIT                                                                     \
	{                                                                                   \
		DOMAIN_SPF_NONE, BUF_INIT(NET_RECORD_ANSWER_MAX), BUF_INIT(64 << 10), 0, 0, \
		    ERR_INIT                                                                \
	}

/* Checks; the caller frees OUT, which it made with DOMAIN_SPF_INIT. */
void domain_spf_check(const struct domain_spf_query *query, struct domain_spf *out);

/* "pass" and the like, as RFC 8601 has it. */
const char *domain_spf_result_name(enum domain_spf_result result);

/* Is NAME among those that the record includes? */
bool domain_spf_includes(const struct domain_spf *spf, const char *name);

void domain_spf_free(struct domain_spf *spf);

#endif
