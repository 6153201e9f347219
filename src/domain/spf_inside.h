/*
 * spf_inside: what spf.c, the walk through the records, and spf_match.c, their mechanisms, know of
 * each other.
 */
#ifndef DOMAIN_SPF_INSIDE_H
#define DOMAIN_SPF_INSIDE_H

#include "domain/spf.h"
#include "domain/spf_term.h"

/* Whether a term fits the address; the errors end the walk. */
enum domain_spf_match {
	DOMAIN_SPF_NO,
	DOMAIN_SPF_YES,
	DOMAIN_SPF_NOW_UNKNOWN, /* TEMPERROR */
	DOMAIN_SPF_GIVEN_UP,	/* PERMERROR */
};

/* A walk, and the domain at which it is. */
struct domain_spf_walk {
	const struct domain_spf_query *query;
	struct domain_spf *out;
	const char *domain; /* NULL before the first */
};

/* What the record of DOMAIN says, reached from ABOVE. */
enum domain_spf_result domain_spf_walk_to(const struct domain_spf_walk *above, const char *domain);

/* Asks for records, counting what has none. YES where there are any. The caller frees OUT. */
enum domain_spf_match domain_spf_match_ask(const struct domain_spf_walk *w, const char *name,
    enum net_record_type type, struct net_records *out);

/* The end of a walk for whose trouble err_set has just the words. */
enum domain_spf_match domain_spf_match_give_up(int failed);

/* Does TERM, a mechanism about the domain TARGET, fit the walk's address? */
enum domain_spf_match domain_spf_match_term(
    const struct domain_spf_walk *w, const struct domain_spf_term *term, const char *target);

#endif
