/*
 * setup_login: see setup_login.h.
 */
#include <config.h>

#include <unistd.h>

#include "app/login.h"
#include "app/setup_account.h"
#include "app/setup_login.h"
#include "base/i18n.h"
#include "base/keyring.h"
#include "base/terminal.h"
#include "conf/account_settle.h"
#include "sasl/mechanism.h"

#include "base/banned.h"

enum {
	SECONDS = 10 * 60, /* for an answer at the terminal */
	ANSWER_MAX = 1024,
};

/* --- whether --- */

static bool
takes_token(const struct conf_provider *p)
{
	return p != NULL && (p->password & CONF_PROVIDER_PASSWORD_OAUTH) != 0;
}

/* The mechanism of P that takes a token. */
static const char *
mechanism_of(const struct conf_provider *p)
{
	for (const char *const *name = p != NULL ? p->auth : NULL; name != NULL && *name != NULL;
	     name++) {
		if (sasl_mechanism_takes_token(*name))
			return *name;
	}
	return "XOAUTH2";
}

bool
app_setup_login_is_wanted(const struct app_options *options, const struct conf_provider *p)
{
	const char *auth = app_setup_account_option(options, "auth");

	if (app_setup_account_option(options, "passwordeval") != NULL)
		return false;
	if (auth != NULL && !str_is_nocase(str_slice(auth), "on"))
		return sasl_mechanism_takes_token(auth);
	if (!takes_token(p))
		return false;
	return app_setup_account_wants_token(p) || p->oauth_client[0] != '\0' ||
	       app_setup_account_option(options, "oauth_client_id") != NULL;
}

void
app_setup_login_offer(const struct conf_provider *p, const char *address, struct app_report *report)
{
	if (!takes_token(p))
		return;
	app_report_add(report, APP_REPORT_NOTE, "OAuth2",
	    "%s takes a token too, in place of a password", p->title);
	app_report_more(report, "to get one: imbuca setup --auth=%s %s", mechanism_of(p), address);
}

/* --- what it needs --- */

/* Is somebody there who sees what we print, and can answer? */
static bool
is_somebody_there(const struct app_options *options)
{
	return !options->yes && !options->json && isatty(STDIN_FILENO) != 0 &&
	       isatty(STDOUT_FILENO) != 0;
}

static void
tell_of_client(const struct conf_account *account, struct app_report *report)
{
	const struct conf_provider *p = account->served_by;
	const char *title = p != NULL ? p->title : account->host;

	app_report_add(report, APP_REPORT_NOTE, "OAuth2",
	    "%s gives tokens only to programs that are registered there, under a client "
	    "identifier",
	    title);
	app_report_more(report, "README says step by step how to register one for yourself");
	if (p != NULL && p->oauth_page[0] != '\0')
		app_report_more(report, "it is made here: %s", p->oauth_page);
}

/* One of the questions at the terminal. */
typedef int asking(const char *question, struct deadline within, struct buf *out, struct err *e);

/* Sets KEYWORD to the answer to QUESTION. 1; 0 where it is empty, or there is no terminal. */
static int
ask(struct conf_account *account, const char *keyword, asking *by, const char *question,
    struct err *e)
{
	struct buf answer = BUF_INIT(ANSWER_MAX), value = BUF_INIT(ANSWER_MAX);
	int rc = by(question, deadline_in((int64_t)SECONDS * 1000), &answer, e);

	buf_add_slice(&value, str_trim(buf_slice(&answer)));
	if (rc == 1 && value.len == 0)
		rc = 0;
	if (rc == 1 && app_setup_account_set(account, keyword, buf_text(&value), e) != 0)
		rc = -1;
	buf_wipe(&answer);
	buf_wipe(&value);
	return rc;
}

static int
ask_client(struct conf_account *account, struct err *e)
{
	int rc = ask(account, "oauth_client_id", terminal_ask, _("Client identifier: "), e);

	if (rc != 1 || account->oauth_client_secret != NULL)
		return rc;
	rc = ask(account, "oauth_client_secret", terminal_ask_secret,
	    _("Client secret (nothing, where the provider gave none): "), e);
	return rc < 0 && e->ex != EX_NOPERM ? -1 : 1; /* that is what it is without a word */
}

/* Lets the person say where the token is to be kept. */
static int
offer_keyring(struct conf_account *account, struct err *e)
{
	bool wanted = false;

	if (!keyring_is_there() || account->token_store == CONF_ACCOUNT_TOKEN_STORE_KEYRING)
		return 0;
	if (app_setup_account_ask(
		_("Keep the token in the keyring, and not in a file? [y/n] "), &wanted, e) < 0)
		return -1;
	return wanted ? app_setup_account_set(account, "token_store", "keyring", e) : 0;
}

int
app_setup_login_prepare(const struct app_options *options, struct conf_account *account,
    struct app_report *report, struct err *e)
{
	bool named = conf_account_mechanism(account) != NULL;
	int rc = 1;

	if (!named &&
	    app_setup_account_set(account, "auth", mechanism_of(account->served_by), e) != 0)
		return -1;
	if (conf_account_settle(account, e) != 0)
		return -1;
	if (account->oauth_client_id == NULL) {
		tell_of_client(account, report);
		rc = is_somebody_there(options) ? ask_client(account, e) : 0;
	}
	if (rc == 1 && app_login_check(account, e) != 0)
		return -1;
	return rc == 1 && is_somebody_there(options) && offer_keyring(account, e) != 0 ? -1 : rc;
}

/* --- the login --- */

int
app_setup_login_run(
    const struct app_options *options, const struct conf_account *account, struct err *e)
{
	if (!is_somebody_there(options))
		return 0;
	return app_login_get(account, app_login_way_of(options), e) == 0 ? 1 : -1;
}
