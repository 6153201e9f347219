/*
 * setup_account: see setup_account.h.
 */
#include <config.h>

#include <ctype.h>
#include <stdio.h>

#include "app/setup_account.h"
#include "base/i18n.h"
#include "base/terminal.h"

#include "base/banned.h"

enum { SECONDS = 10 * 60 }; /* for an answer at the terminal */

int
app_setup_account_set(
    struct conf_account *account, const char *keyword, const char *value, struct err *e)
{
	static const struct conf_origin origin = {CONF_ORIGIN_OPTION, "setup", 0};

	return conf_account_set(
	    account, conf_account_keyword_find(str_slice(keyword)), str_slice(value), &origin, e);
}

const char *
app_setup_account_option(const struct app_options *options, const char *keyword)
{
	for (size_t i = 0; i < options->override_count; i++) {
		if (str_is(str_slice(keyword), options->overrides[i].keyword))
			return options->overrides[i].value;
	}
	return NULL;
}

int
app_setup_account_take(
    struct conf_account *account, const struct app_options *options, struct err *e)
{
	for (size_t i = 0; i < options->override_count; i++) {
		const struct app_options_override *o = &options->overrides[i];

		if (app_setup_account_set(account, o->keyword, o->value, e) != 0)
			return err_prefix(e, "option '%s'", o->option);
	}
	return 0;
}

/* --- making it --- */

/* The provider, and its region. */
static int
set_provider(struct conf_account *account, const struct app_setup_find *server, struct err *e)
{
	const struct conf_provider *p = server->provider;
	struct buf text = BUF_INIT(1024);
	int rc;

	if (p == NULL)
		return 0;
	buf_addf(&text, "%s%s%s", p->name, server->region[0] != '\0' ? " " : "", server->region);
	rc = app_setup_account_set(account, "provider", buf_text(&text), e);
	buf_free(&text);
	return rc;
}

static int
set_server(struct conf_account *account, const struct app_setup_find *server, struct err *e)
{
	const struct {
		const char *keyword, *value;
	} lines[] = {
	    {"host", server->host},
	    {"tls", "on"},
	    {"tls_starttls", server->starttls ? "on" : "off"},
	    {"auth", "on"},
	};
	char port[16];

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		if (app_setup_account_set(account, lines[i].keyword, lines[i].value, e) != 0)
			return -1;
	}
	(void)snprintf(port, sizeof port, "%u", server->port);
	return app_setup_account_set(account, "port", port, e);
}

/* The address, and the name to log in with. */
static int
set_user(struct conf_account *account, const struct conf_provider *p,
    const struct mail_address *address, struct err *e)
{
	struct buf text = BUF_INIT(2 * MAIL_ADDRESS_MAX);
	const char *user;
	int rc;

	mail_address_write(&text, address);
	user = buf_text(&text);
	if (p != NULL && p->user == CONF_PROVIDER_USER_LOCAL)
		user = address->local;
	else if (p != NULL && p->user == CONF_PROVIDER_USER_LITERAL)
		user = p->user_word;
	else if (p != NULL && p->user == CONF_PROVIDER_USER_OTHER)
		user = NULL; /* only the person knows it: --user */
	rc = app_setup_account_set(account, "from", buf_text(&text), e);
	if (rc == 0 && user != NULL)
		rc = app_setup_account_set(account, "user", user, e);
	buf_free(&text);
	return rc;
}

/* Asks for a name that only the person knows, where there is somebody to ask. */
static int
complete_user(struct conf_account *account, const struct app_options *options, struct err *e)
{
	struct buf question = BUF_INIT(1024), answer = BUF_INIT(256);
	int rc = 0;

	if (account->user != NULL)
		return 0;
	buf_addf(&question, _("User name that %s has given you: "), account->served_by->title);
	if (!options->yes)
		rc = terminal_ask(
		    buf_text(&question), deadline_in((int64_t)SECONDS * 1000), &answer, e);
	if (rc == 1 && answer.len > 0) {
		rc = app_setup_account_set(account, "user", buf_text(&answer), e);
	} else if (rc >= 0) {
		(void)err_set(e, EX_USAGE, "the provider has given you a user name of its own");
		rc = err_hint(e, "say it with --user");
	}
	buf_free(&question);
	buf_free(&answer);
	return rc;
}

struct conf_account *
app_setup_account_make(const struct app_options *options, const struct conf_provider_more *more,
    const struct app_setup_find *server, const struct mail_address *address, struct slice name,
    struct err *e)
{
	struct conf_account *account = conf_account_new(name);

	if (account == NULL) {
		(void)err_set(e, EX_TEMPFAIL, "out of memory");
		return NULL;
	}
	account->providers = more;
	account->served_by = server->provider;
	if (set_provider(account, server, e) == 0 && set_server(account, server, e) == 0 &&
	    set_user(account, server->provider, address, e) == 0 &&
	    app_setup_account_take(account, options, e) == 0 &&
	    complete_user(account, options, e) == 0)
		return account;
	conf_account_free(account);
	return NULL;
}

/* --- the password --- */

bool
app_setup_account_wants_token(const struct conf_provider *p)
{
	return p != NULL && p->password == CONF_PROVIDER_PASSWORD_OAUTH;
}

void
app_setup_account_tell_password(const struct conf_provider *p, struct app_report *report)
{
	static const struct {
		unsigned bit;
		const char *words;
	} kinds[] = {
	    {CONF_PROVIDER_PASSWORD_APP,
		N_("an app password, made for this program, and not the one of the mailbox")},
	    {CONF_PROVIDER_PASSWORD_KEY, N_("an API key or token, made on the provider's site")},
	    {CONF_PROVIDER_PASSWORD_SMTP, N_("one that the provider's site makes for SMTP alone")},
	};

	if (p == NULL || (p->password & CONF_PROVIDER_PASSWORD_ACCOUNT) != 0)
		return;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if ((p->password & kinds[i].bit) == 0)
			continue;
		app_report_add(report, APP_REPORT_NOTE, N_("password"), "%s wants %s", p->title,
		    i18n_text(kinds[i].words));
		if (p->app_page[0] != '\0')
			app_report_more(report, "it is made here: %s", p->app_page);
		return;
	}
}

/* --- questions --- */

int
app_setup_account_ask(const char *question, bool *yes, struct err *e)
{
	struct buf answer = BUF_INIT(256);
	int rc = terminal_ask(question, deadline_in((int64_t)SECONDS * 1000), &answer, e);
	char first = (char)tolower((unsigned char)buf_text(&answer)[0]);

	*yes = rc == 1 && (first == 'y' || first == _("yes")[0]);
	buf_free(&answer);
	return rc;
}

int
app_setup_account_confirm(const struct app_setup_find *server, struct err *e)
{
	bool yes;
	int rc;

	if (server->sure)
		return 1;
	rc = app_setup_account_ask(
	    _("Is that the server of your provider? Your password will go there [y/n] "), &yes, e);
	if (rc != 1 || yes)
		return rc;
	(void)err_set(e, EX_NOPERM, "you did not say yes");
	return err_hint(e, "name the server yourself, with --host");
}

int
app_setup_account_unasked(struct err *e)
{
	(void)err_set(e, EX_USAGE, "there is no terminal to ask at");
	return err_hint(e, "give what would be asked: --password-command=COMMAND and --yes");
}
