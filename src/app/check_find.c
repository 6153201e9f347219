/*
 * check_find: see check_find.h.
 */
#include <config.h>

#include <string.h>

#include "app/check_find.h"
#include "app/setup_account.h"
#include "base/i18n.h"
#include "conf/account_from.h"
#include "conf/account_settle.h"
#include "conf/provider_file.h"
#include "net/name.h"

#include "base/banned.h"

/* What is looked for. */
struct search {
	const struct app_options *options;
	struct app_report *report;
	const char *operand;	     /* whom or what it is for; NULL: the default */
	struct mail_address address; /* that the operand is, zeros where it is none */
	struct app_setup_find *server;
};

/* Is ACCOUNT for ADDRESS, by its `from`, or for any? */
static bool
is_for(const struct conf_account *account, const struct mail_address *address)
{
	return account->from.count == 0 || conf_account_from_match(account, address);
}

static int
make_of(struct search *s, const char *domain, struct app_account *out, struct err *e)
{
	struct app_setup_find_params wanted = {
	    .options = s->options, .domain = domain, .known = true};

	if (conf_provider_file_load(&out->providers, e) != 0)
		return -1;
	wanted.more = out->providers;
	if (app_setup_find_server(&wanted, s->report, s->server, e) != 0)
		return -1;
	out->account = out->made = app_setup_account_make(
	    s->options, out->providers, s->server, &s->address, str_slice(""), e);
	return out->made != NULL ? conf_account_settle(out->made, e) : -1;
}

/* Makes the account of the provider of the address. */
static int
make(struct search *s, struct app_account *out, struct err *e)
{
	char domain[NET_NAME_SIZE];

	if (net_name_to_ascii(str_slice(s->address.domain), domain, e) == 0 &&
	    make_of(s, domain, out, e) == 0) {
		app_setup_account_tell_password(s->server->provider, s->report);
		return 0;
	}
	app_account_free(out);
	return -1;
}

/* Reports which account it is. */
static void
introduce(const struct search *s, const struct app_account *account)
{
	const struct conf_account *a = account->account;

	if (account->accounts != NULL && s->address.domain != NULL && !is_for(a, &s->address))
		app_report_add(s->report, APP_REPORT_NOTE, N_("account"),
		    "none for %s: it is sent by '%s', line %u of %s", s->operand, a->name,
		    a->origin.line, a->origin.name);
	else if (account->accounts != NULL)
		app_report_add(s->report, APP_REPORT_OK, N_("account"), "'%s', line %u of %s",
		    a->name, a->origin.line, a->origin.name);
	else if (s->server->host[0] == '\0')
		app_report_add(s->report, APP_REPORT_OK, N_("account"), "made of options alone");
	else
		app_report_add(s->report, APP_REPORT_NOTE, N_("account"),
		    "none for %s: made of what is known of %s", a->from.items[0],
		    s->server->provider->title);
}

/* The account for the address: of the file, where that has one; else made. */
static int
choose(struct search *s, struct app_account *out, struct err *e)
{
	struct app_account made = {0};
	struct err why = ERR_INIT;
	int rc = app_account_find(out, s->options, NULL, &s->address, e);

	if (rc == 0 && (out->accounts == NULL || is_for(out->account, &s->address)))
		return 0;
	if (rc != 0 && !out->missing && !out->unmatched)
		return -1;
	if (make(s, &made, &why) == 0) {
		app_account_free(out);
		*out = made;
		return 0;
	}
	s->server->host[0] = '\0';
	if (rc != 0)
		*e = why;
	return rc;
}

/* The account for an address, which is made in any case where an option names its provider. */
static int
find_for(struct search *s, const char *operand, struct app_account *out, struct err *e)
{
	if (mail_address_parse(&s->address, str_slice(operand), e) != 0)
		return -1;
	if (s->options->account != NULL)
		return app_account_find(out, s->options, NULL, NULL, e);
	return (s->options->provider != NULL ? make : choose)(s, out, e);
}

int
app_check_find(const struct app_options *options, struct app_report *report,
    struct app_account *account, struct app_setup_find *server, struct err *e)
{
	const char *operand = options->operand_count > 0 ? options->operands[0] : NULL;
	struct search s = {
	    .options = options, .report = report, .operand = operand, .server = server};
	int rc;

	*account = (struct app_account){0};
	*server = (struct app_setup_find){.provider = NULL};
	if (operand != NULL && strchr(operand, '@') != NULL)
		rc = find_for(&s, operand, account, e);
	else if (options->provider != NULL)
		rc = err_set(e, EX_USAGE, "option '--provider' goes with an address");
	else
		rc = app_account_find(account, options, operand, NULL, e);
	if (rc == 0)
		introduce(&s, account);
	mail_address_free(&s.address);
	return rc;
}
