/*
 * spf_match: the mechanisms of SPF (RFC 7208, 5): whether each fits an address.
 */
#include <config.h>

#include <sys/socket.h>

#include <arpa/inet.h>
#include <string.h>

#include "domain/spf_inside.h"
#include "domain/spf_macro.h"
#include "net/name.h"

#include "base/banned.h"

enum { HOSTS_MAX = 10 }; /* of an MX or PTR answer (4.6.4) */

enum domain_spf_match
domain_spf_match_give_up(int failed)
{
	(void)failed;
	return DOMAIN_SPF_GIVEN_UP;
}

enum domain_spf_match
domain_spf_match_ask(const struct domain_spf_walk *w, const char *name, enum net_record_type type,
    struct net_records *out)
{
	if (net_resolver_ask(
		w->query->resolver, name, type, w->query->within, out, &w->out->trouble) != 0)
		return DOMAIN_SPF_NOW_UNKNOWN;
	if (out->count == 0)
		w->out->voids++;
	return out->count > 0 ? DOMAIN_SPF_YES : DOMAIN_SPF_NO;
}

/* --- addresses --- */

/* Are the first BITS of two addresses of one family the same? */
static bool
is_in(const char *address, const char *network, const struct domain_spf_term *term)
{
	unsigned char a[16], b[16];
	int family = strchr(network, ':') != NULL ? AF_INET6 : AF_INET;
	unsigned bits = family == AF_INET ? term->bits4 : term->bits6;
	unsigned rest = bits % 8;

	if (inet_pton(family, address, a) != 1 || inet_pton(family, network, b) != 1)
		return false;
	if (memcmp(a, b, bits / 8) != 0)
		return false;
	return rest == 0 || (a[bits / 8] ^ b[bits / 8]) >> (8 - rest) == 0;
}

/* Has HOST the address? */
static enum domain_spf_match
match_host(const struct domain_spf_walk *w, const char *host, const struct domain_spf_term *term)
{
	const char *address = w->query->address;
	struct net_records records = NET_RECORDS_INIT;
	enum net_record_type type = strchr(address, ':') != NULL ? NET_RECORD_AAAA : NET_RECORD_A;
	enum domain_spf_match found = domain_spf_match_ask(w, host, type, &records);

	if (found == DOMAIN_SPF_YES)
		found = DOMAIN_SPF_NO;
	for (size_t i = 0; found == DOMAIN_SPF_NO && i < records.count; i++) {
		if (is_in(address, records.at[i].value.ptr, term))
			found = DOMAIN_SPF_YES;
	}
	net_record_free(&records);
	return found;
}

/* --- the terms: TARGET is the domain that they are about --- */

static enum domain_spf_match
match_all(const struct domain_spf_walk *w, const struct domain_spf_term *term, const char *target)
{
	(void)w;
	(void)term;
	(void)target;
	return DOMAIN_SPF_YES;
}

static enum domain_spf_match
match_include(
    const struct domain_spf_walk *w, const struct domain_spf_term *term, const char *target)
{
	(void)term;
	switch (domain_spf_walk_to(w, target)) {
	case DOMAIN_SPF_PASS:
		return DOMAIN_SPF_YES;
	case DOMAIN_SPF_TEMPERROR:
		return DOMAIN_SPF_NOW_UNKNOWN;
	case DOMAIN_SPF_PERMERROR:
		return DOMAIN_SPF_GIVEN_UP;
	case DOMAIN_SPF_NONE:
		return domain_spf_match_give_up(err_set(&w->out->trouble, EX_DATAERR,
		    "'%s', which is included, has no SPF record", target));
	default:
		return DOMAIN_SPF_NO;
	}
}

static enum domain_spf_match
match_a(const struct domain_spf_walk *w, const struct domain_spf_term *term, const char *target)
{
	return w->query->address[0] != '\0' ? match_host(w, target, term) : DOMAIN_SPF_NO;
}

static enum domain_spf_match
match_mx(const struct domain_spf_walk *w, const struct domain_spf_term *term, const char *target)
{
	struct net_records records = NET_RECORDS_INIT;
	enum domain_spf_match found = domain_spf_match_ask(w, target, NET_RECORD_MX, &records);

	if (found == DOMAIN_SPF_YES)
		found = DOMAIN_SPF_NO;
	for (size_t i = 0;
	     found == DOMAIN_SPF_NO && i < records.count && w->query->address[0] != '\0'; i++) {
		if (i == HOSTS_MAX)
			found = domain_spf_match_give_up(err_set(&w->out->trouble, EX_DATAERR,
			    "'%s' has too many MX records for SPF", target));
		else if (records.at[i].value.len > 0)
			found = match_host(w, records.at[i].value.ptr, term);
	}
	net_record_free(&records);
	return found;
}

/* Is NAME the domain or below it? */
static bool
is_below(struct slice name, const char *domain)
{
	size_t len = strlen(domain);

	if (name.len < len ||
	    !str_is_nocase(str_range(name.ptr + name.len - len, name.ptr + name.len), domain))
		return false;
	return name.len == len || name.ptr[name.len - len - 1] == '.';
}

/* A name of the address that is below TARGET, and has the address (5.5). */
static enum domain_spf_match
match_ptr(const struct domain_spf_walk *w, const struct domain_spf_term *term, const char *target)
{
	const struct domain_spf_macro macro = {"", "", "", w->query->address};
	struct net_records records = NET_RECORDS_INIT;
	struct buf reverse = BUF_INIT(NET_NAME_SIZE);
	enum domain_spf_match found = DOMAIN_SPF_NO;

	if (domain_spf_macro_expand(&macro, str_slice("%{ir}.%{v}.arpa"), &reverse))
		(void)domain_spf_match_ask(w, buf_text(&reverse), NET_RECORD_PTR, &records);
	/* An error in this look-up counts as no name (5.5). */
	for (size_t i = 0; found == DOMAIN_SPF_NO && i < records.count && i < HOSTS_MAX; i++) {
		if (is_below(records.at[i].value, target))
			found = match_host(w, records.at[i].value.ptr, term);
	}
	net_record_free(&records);
	buf_free(&reverse);
	return found;
}

static enum domain_spf_match
match_network(
    const struct domain_spf_walk *w, const struct domain_spf_term *term, const char *target)
{
	char network[64];
	unsigned char bytes[16];
	int family = term->kind == DOMAIN_SPF_IP6 ? AF_INET6 : AF_INET;

	(void)target;
	if (!str_copy(network, sizeof network, term->network) ||
	    inet_pton(family, network, bytes) != 1)
		return domain_spf_match_give_up(
		    err_set(&w->out->trouble, EX_DATAERR, "'%s' is no network", network));
	return is_in(w->query->address, network, term) ? DOMAIN_SPF_YES : DOMAIN_SPF_NO;
}

static enum domain_spf_match
match_exists(
    const struct domain_spf_walk *w, const struct domain_spf_term *term, const char *target)
{
	struct net_records records = NET_RECORDS_INIT;
	enum domain_spf_match found = domain_spf_match_ask(w, target, NET_RECORD_A, &records);

	(void)term;
	net_record_free(&records);
	return found;
}

static enum domain_spf_match (*const kinds[])(
    const struct domain_spf_walk *w, const struct domain_spf_term *term, const char *target) = {
    [DOMAIN_SPF_ALL] = match_all,
    [DOMAIN_SPF_INCLUDE] = match_include,
    [DOMAIN_SPF_A] = match_a,
    [DOMAIN_SPF_MX] = match_mx,
    [DOMAIN_SPF_PTR] = match_ptr,
    [DOMAIN_SPF_IP4] = match_network,
    [DOMAIN_SPF_IP6] = match_network,
    [DOMAIN_SPF_EXISTS] = match_exists,
};

enum domain_spf_match
domain_spf_match_term(
    const struct domain_spf_walk *w, const struct domain_spf_term *term, const char *target)
{
	return kinds[term->kind](w, term, target);
}
