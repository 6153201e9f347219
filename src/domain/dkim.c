/*
 * dkim: see dkim.h.
 */
#include <config.h>

#include <stdio.h>

#include "base/module.h"
#include "domain/dkim.h"
#include "domain/tags.h"
#include "net/name.h"

#include "base/banned.h"

enum { WEAK_BELOW = 1024 };

/* Is the record one at all: no version, or this one, which comes first? */
static bool
is_key(struct slice record)
{
	return domain_tags_find(record, "p").ptr != NULL &&
	       (domain_tags_find(record, "v").ptr == NULL ||
		   domain_tags_begins(record, "v", "DKIM1"));
}

int
domain_dkim_parse(struct slice record, struct domain_dkim *out, struct err *e)
{
	const struct module *module = module_get(e);
	struct slice key = domain_tags_find(record, "p"), type = domain_tags_find(record, "k");
	struct slice service = domain_tags_find(record, "s"), flags = domain_tags_find(record, "t");

	*out = (struct domain_dkim){.state = DOMAIN_DKIM_BAD};
	(void)str_copy(out->type, sizeof out->type, type.len > 0 ? type : str_slice("rsa"));
	out->testing = str_has_word(flags, ':', "y");
	if (key.ptr != NULL && key.len == 0)
		out->state = DOMAIN_DKIM_REVOKED;
	if (module == NULL)
		return -1;
	if (key.len == 0 || !is_key(record))
		return 0;
	if (service.len > 0 && !str_has_word(service, ':', "*") &&
	    !str_has_word(service, ':', "email"))
		return 0;
	if (str_is_nocase(str_slice(out->type), "ed25519"))
		out->bits = module->ed25519_key_bits(key);
	else if (str_is_nocase(str_slice(out->type), "rsa"))
		out->bits = module->rsa_key_bits(key);
	if (out->bits >= WEAK_BELOW ||
	    (out->bits > 0 && !str_is_nocase(str_slice(out->type), "rsa")))
		out->state = DOMAIN_DKIM_GOOD;
	else if (out->bits > 0)
		out->state = DOMAIN_DKIM_WEAK;
	return 0;
}

/* The name that NAME is an alias of, in OUT; "" for none. */
static int
find_alias(const struct net_resolver *resolver, const char *name, struct deadline within, char *out,
    size_t size, struct err *e)
{
	struct net_records records = NET_RECORDS_INIT;
	int rc = net_resolver_ask(resolver, name, NET_RECORD_CNAME, within, &records, e);

	if (rc == 0 && records.count > 0)
		(void)str_copy(out, size, records.at[0].value);
	net_record_free(&records);
	return rc;
}

int
domain_dkim_find(const struct net_resolver *resolver, const char *selector, const char *domain,
    struct deadline within, struct domain_dkim *out, struct err *e)
{
	struct net_records records = NET_RECORDS_INIT;
	char name[2 * NET_NAME_SIZE];
	int rc;

	*out = (struct domain_dkim){.state = DOMAIN_DKIM_NONE};
	(void)snprintf(name, sizeof name, "%s._domainkey.%s", selector, domain);
	rc = net_resolver_ask(resolver, name, NET_RECORD_TXT, within, &records, e);
	for (size_t i = 0; rc == 0 && i < records.count; i++) {
		struct domain_dkim found;

		rc = domain_dkim_parse(records.at[i].value, &found, e);
		if (i == 0 || found.state == DOMAIN_DKIM_GOOD)
			*out = found;
	}
	net_record_free(&records);
	return rc == 0 && out->state != DOMAIN_DKIM_NONE
		   ? find_alias(resolver, name, within, out->alias, sizeof out->alias, e)
		   : rc;
}
