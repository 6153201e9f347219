/*
 * provider: see provider.h.
 */
#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/suggest.h"
#include "conf/provider.h"

#include "base/banned.h"

/* --- the rows --- */

static bool
is_replaced(const struct conf_provider_more *more, const char *name)
{
	for (size_t i = 0; more != NULL && i < more->count; i++) {
		if (strcmp(more->at[i].name, name) == 0)
			return true;
	}
	return false;
}

const struct conf_provider *
conf_provider_at(const struct conf_provider_more *more, size_t index)
{
	size_t added = more != NULL ? more->count : 0;

	if (index < added)
		return &more->at[index];
	index -= added;
	for (const struct conf_provider *p = conf_provider_table; p->name != NULL; p++) {
		if (!is_replaced(more, p->name) && index-- == 0)
			return p;
	}
	return NULL;
}

/* The first row that IS, asked about WORD, says yes to. */
static const struct conf_provider *
search(const struct conf_provider_more *more, struct slice word,
    bool (*is)(const struct conf_provider *p, struct slice word))
{
	if (word.len == 0)
		return NULL;
	for (size_t i = 0; more != NULL && i < more->count; i++) {
		if (is(&more->at[i], word))
			return &more->at[i];
	}
	for (const struct conf_provider *p = conf_provider_table; p->name != NULL; p++) {
		if (is(p, word) && !is_replaced(more, p->name))
			return p;
	}
	return NULL;
}

static bool
is_called(const struct conf_provider *p, struct slice name)
{
	return str_is_nocase(name, p->name);
}

const struct conf_provider *
conf_provider_find(const struct conf_provider_more *more, struct slice name)
{
	return search(more, name, is_called);
}

/* A name may end with the dot of the root. */
static struct slice
without_root(struct slice host)
{
	if (host.len > 0 && host.ptr[host.len - 1] == '.')
		host.len--;
	return host;
}

static bool
gives_out(const struct conf_provider *p, struct slice domain)
{
	for (const char *const *d = p->domains; *d != NULL; d++) {
		if (str_is_nocase(domain, *d))
			return true;
	}
	return false;
}

const struct conf_provider *
conf_provider_of_domain(const struct conf_provider_more *more, struct slice domain)
{
	return search(more, without_root(domain), gives_out);
}

static bool
exchanges(const struct conf_provider *p, struct slice host)
{
	for (const char *const *pattern = p->mx; *pattern != NULL; pattern++) {
		if (str_match(host, str_slice(*pattern)))
			return true;
	}
	return false;
}

const struct conf_provider *
conf_provider_of_mx(const struct conf_provider_more *more, struct slice host)
{
	return search(more, without_root(host), exchanges);
}

/* --- the server's name --- */

static const struct slice region_mark = STR_LITERAL("{region}");
static const struct slice domain_mark = STR_LITERAL("{domain}");

static bool
begins(struct slice text, struct slice with)
{
	return text.len >= with.len && memcmp(text.ptr, with.ptr, with.len) == 0;
}

/* Appends PATTERN with REGION and DOMAIN in their places. */
static void
fill_in(struct buf *out, struct slice pattern, struct slice region, struct slice domain)
{
	while (pattern.len > 0) {
		size_t taken = 1;

		if (begins(pattern, region_mark)) {
			buf_add_slice(out, region);
			taken = region_mark.len;
		} else if (begins(pattern, domain_mark)) {
			buf_add_slice(out, domain);
			taken = domain_mark.len;
		} else {
			buf_addc(out, pattern.ptr[0]);
		}
		pattern = (struct slice){pattern.ptr + taken, pattern.len - taken};
	}
}

/*
 * Is HOST the server's name NAME, for any region and DOMAIN? This is asked about each name of the
 * table whenever an account is read: most have no mark, and are nothing but compared.
 */
static bool
is_server(struct slice host, const char *name, const char *domain)
{
	struct buf pattern = BUF_INIT(512);
	bool fits;

	if (strchr(name, region_mark.ptr[0]) == NULL)
		return str_is_nocase(host, name);
	fill_in(&pattern, str_slice(name), str_slice("*"), str_slice(domain));
	fits = str_match(host, buf_slice(&pattern));
	buf_free(&pattern);
	return fits;
}

static bool
serves_as(const struct conf_provider *p, struct slice host)
{
	/* A bridge is known by the name that every server of this machine has. */
	if (p->kind == CONF_PROVIDER_KIND_BRIDGE)
		return false;
	for (const char *const *name = p->host; *name != NULL; name++) {
		bool by_domain = strstr(*name, domain_mark.ptr) != NULL;

		for (const char *const *d = p->domains; by_domain && *d != NULL; d++) {
			if (is_server(host, *name, *d))
				return true;
		}
		if (!by_domain && is_server(host, *name, ""))
			return true;
	}
	return false;
}

const struct conf_provider *
conf_provider_of_host(const struct conf_provider_more *more, struct slice host)
{
	return search(more, without_root(host), serves_as);
}

/* Is REGION one of the provider's? */
static int
check_region(const struct conf_provider *p, struct slice region, struct err *e)
{
	struct suggest s = suggest_for(region);

	for (const char *const *known = p->regions; *known != NULL; known++) {
		if (str_is_nocase(region, *known))
			return 0;
		suggest_offer(&s, *known);
	}
	if (region.len == 0) {
		err_set(e, EX_CONFIG, "the provider '%s' has a server for each region", p->name);
		return err_hint(e, "name yours behind it: provider %s %s", p->name, p->regions[0]);
	}
	if (p->regions[0] == NULL)
		return err_set(e, EX_CONFIG, "the provider '%s' has no regions", p->name);
	err_set(e, EX_CONFIG, "the provider '%s' has no region '%.*s'", p->name, STR_ARGS(region));
	return s.best != NULL ? err_hint(e, "did you mean '%s'?", s.best) : -1;
}

int
conf_provider_host(const struct conf_provider *p, struct slice region, struct slice domain,
    struct buf *out, struct err *e)
{
	if ((region.len > 0 || p->regions[0] != NULL) && check_region(p, region, e) != 0)
		return -1;
	if (domain.len == 0 && strstr(p->host[0], domain_mark.ptr) != NULL)
		return err_set(e, EX_CONFIG,
		    "the provider '%s' has a server for each of its domains, and the account has "
		    "no from",
		    p->name);
	fill_in(out, str_slice(p->host[0]), region, domain);
	return 0;
}

int
conf_provider_unknown(const struct conf_provider_more *more, struct slice name, struct err *e)
{
	struct suggest s = suggest_for(name);
	const struct conf_provider *p;

	for (size_t i = 0; (p = conf_provider_at(more, i)) != NULL; i++)
		suggest_offer(&s, p->name);
	if (s.best == NULL)
		err_set(e, EX_CONFIG, "unknown provider '%.*s'", STR_ARGS(name));
	else
		err_set(e, EX_CONFIG, "unknown provider '%.*s' (did you mean '%s'?)",
		    STR_ARGS(name), s.best);
	return err_hint(e, "imbuca providers lists all");
}
