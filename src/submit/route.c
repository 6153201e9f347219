/*
 * route: see route.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/account_from.h"
#include "deliver/aliases.h"
#include "net/name.h"
#include "submit/identity.h"
#include "submit/route.h"

#include "base/banned.h"

/* --- the aliases --- */

/* The names of this machine, whose names are looked up as those without a domain. */
struct here {
	char host[NET_NAME_SIZE];
	const char *domains[4];
};

static void
find_here(struct here *here)
{
	if (gethostname(here->host, sizeof here->host) != 0)
		here->host[0] = '\0';
	here->host[sizeof here->host - 1] = '\0';
	here->domains[0] = "localhost";
	here->domains[1] = "localhost.localdomain";
	here->domains[2] = here->host[0] != '\0' ? here->host : NULL;
	here->domains[3] = NULL;
}

/* Nothing is read for a message that has no name of this machine: a bad file stops only those. */
static int
load_aliases(const struct conf_account *account, struct deliver_aliases **aliases, struct err *e)
{
	if (account->aliases == NULL && access(SUBMIT_ROUTE_ALIASES, R_OK) != 0)
		return 0;
	return deliver_aliases_load(
	    account->aliases != NULL ? account->aliases : SUBMIT_ROUTE_ALIASES, aliases, e);
}

/* --- where to --- */

/* Is ADDRESS to be looked up, and not known to be elsewhere? */
static bool
is_here(const struct conf_account *account, const struct mail_address *address)
{
	return submit_identity_is_local(address) &&
	       (address->domain[0] == '\0' || !conf_account_from_match(account, address));
}

/* Adds RECIPIENT as ADDRESS to those elsewhere, or without its domain to those here. */
static int
add(const struct conf_account *account, const struct mail_envelope_recipient *recipient,
    const struct mail_address *address, struct submit_route *out, struct err *e)
{
	struct mail_envelope_recipient copy = *recipient;
	bool here = is_here(account, address);
	char nothing[] = "";

	copy.address = *address;
	if (here)
		copy.address.domain = nothing;
	return mail_envelope_add_recipient(here ? &out->local : &out->remote, &copy, e) < 0 ? -1
											    : 0;
}

/* Adds those whom RECIPIENT stands for, who must all be known. */
static int
expand(const struct conf_account *account, const struct here *here,
    const struct mail_envelope_recipient *recipient, struct submit_route *out, struct err *e)
{
	const struct deliver_aliases_scope scope = {here->domains, true};
	struct deliver_target_list list = {NULL, 0};
	int rc = deliver_aliases_expand(out->aliases, &scope, &recipient->address, &list, e);

	if (rc >= 0)
		rc = deliver_target_list_check(&list, e);
	for (size_t i = 0; rc >= 0 && i < list.count; i++) {
		bool is_address = list.at[i].text == NULL;

		rc = add(account, recipient, is_address ? &list.at[i].address : &recipient->address,
		    out, e);
	}
	deliver_target_list_free(&list);
	return rc < 0 ? -1 : 0;
}

static void
copy_rest(struct mail_envelope *to, const struct mail_envelope *from)
{
	to->body = from->body;
	to->ret = from->ret;
	memcpy(to->envid, from->envid, sizeof to->envid);
}

int
submit_route_split(const struct conf_account *account, bool aliases,
    const struct mail_envelope *envelope, struct submit_route *out, struct err *e)
{
	bool loaded = !aliases;
	struct here here;
	int rc = 0;

	find_here(&here);
	copy_rest(&out->remote, envelope);
	copy_rest(&out->local, envelope);
	for (size_t i = 0; rc == 0 && i < envelope->count; i++) {
		const struct mail_envelope_recipient *r = &envelope->recipients[i];

		if (!is_here(account, &r->address) || !aliases) {
			rc = add(account, r, &r->address, out, e);
			continue;
		}
		if (!loaded)
			rc = load_aliases(account, &out->aliases, e);
		loaded = true;
		if (rc == 0)
			rc = expand(account, &here, r, out, e);
	}
	return rc;
}

int
submit_route_default(const struct conf_account *account, struct submit_route *route, struct err *e)
{
	struct mail_address_list list = {NULL, 0};
	int rc = 0;

	if (account->default_recipient == NULL)
		return 0;
	if (mail_address_parse_list(&list, str_slice(account->default_recipient), e) != 0)
		rc = -1;
	for (size_t i = 0; rc == 0 && i < list.count; i++) {
		if (is_here(account, &list.at[i]))
			rc = err_set(
			    e, EX_CONFIG, "'%s' is a name of this machine, too", list.at[i].local);
	}
	if (rc == 0)
		rc = mail_envelope_add_list(&route->remote, &list, e);
	mail_address_list_free(&list);
	if (rc != 0) {
		e->ex = e->ex == EX_TEMPFAIL ? EX_TEMPFAIL : EX_CONFIG;
		return err_prefix(e, "account '%s': default_recipient", account->name);
	}
	mail_envelope_free(&route->local);
	return 1;
}

/* What of LIST only imbucad can do; NULL where that is nothing. */
static const struct deliver_target *
find_delivery(const struct deliver_target_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->at[i].kind == DELIVER_TARGET_FILE ||
		    list->at[i].kind == DELIVER_TARGET_COMMAND)
			return &list->at[i];
	}
	return NULL;
}

int
submit_route_strand(
    const struct submit_route *route, const struct mail_address *address, struct err *e)
{
	struct here here;
	const struct deliver_aliases_scope scope = {here.domains, true};
	struct deliver_target_list list = {NULL, 0};
	const struct deliver_target *target = NULL;

	find_here(&here);
	if (deliver_aliases_expand(route->aliases, &scope, address, &list, e) == 1)
		target = find_delivery(&list);
	if (target != NULL) {
		(void)err_set(e, EX_CONFIG,
		    "'%s' stands for '%s', and only imbucad delivers into files and to commands",
		    address->local, target->text);
		(void)deliver_aliases_expand_place(route->aliases, &scope, address, e);
		(void)err_hint(e, "name an address there, or start imbucad");
	} else {
		(void)err_set(e, EX_TEMPFAIL,
		    "'%s' is a name of this machine, and nothing here takes mail for it",
		    address->local);
		(void)err_hint(e, "name somebody for it in the aliases or by default_recipient in "
				  "the accounts file, or start imbucad");
	}
	deliver_target_list_free(&list);
	return -1;
}

void
submit_route_free(struct submit_route *route)
{
	mail_envelope_free(&route->remote);
	mail_envelope_free(&route->local);
	deliver_aliases_free(route->aliases);
	route->aliases = NULL;
}
