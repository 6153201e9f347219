/*
 * login: see login.h.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/account.h"
#include "app/command.h"
#include "app/login.h"
#include "app/login_status.h"
#include "base/i18n.h"
#include "base/process.h"
#include "base/terminal.h"
#include "oauth/access.h"
#include "oauth/code.h"
#include "oauth/device.h"
#include "oauth/exchange.h"
#include "oauth/form.h"
#include "oauth/loopback.h"
#include "oauth/store.h"
#include "sasl/mechanism.h"
#include "submit/login.h"

#include "base/banned.h"

enum {
	BROWSER_WAIT = 600 * 1000, /* milliseconds that a person has in the browser */
	TEXT_MAXIMUM = 64 << 10,
	LINE_MAXIMUM = 16 << 10,
};

/* --- what the person sees --- */

/* Prints TEXT, of which all that came from outside was escaped. */
static void
show(const struct buf *text)
{
	(void)fwrite(buf_text(text), 1, text->len, stdout);
	(void)fflush(stdout);
}

/* Appends the QR code of URL, for a terminal. */
static void
add_qr(struct slice url, struct buf *out)
{
	const char *plain = getenv("NO_COLOR");
	bool coloured = plain == NULL || plain[0] == '\0';
	struct buf code = BUF_INIT(TEXT_MAXIMUM);
	struct slice rest, line;

	if (isatty(STDOUT_FILENO) && oauth_exchange_qr(url, &code)) {
		rest = buf_slice(&code);
		while ((line = str_cut(&rest, '\n')).len > 0)
			buf_addf(out, "    %s%.*s%s\n", coloured ? "\033[40;97m" : "",
			    STR_ARGS(line), coloured ? "\033[0m" : "");
	}
	buf_free(&code);
}

static void
show_code(const struct oauth_client *c, const struct oauth_device *d)
{
	struct buf text = BUF_INIT(TEXT_MAXIMUM);

	buf_addf(&text, _("To log in as %s, open with any device\n"), c->user);
	buf_adds(&text, "    ");
	buf_add_escaped(&text, d->url);
	buf_adds(&text, _("\nand type there the code\n"));
	buf_adds(&text, "    ");
	buf_add_escaped(&text, d->code);
	buf_addc(&text, '\n');
	add_qr(d->link.ptr != NULL ? d->link : d->url, &text);
	show(&text);
	buf_free(&text);
}

static void
show_url(const struct oauth_client *c, const struct oauth_code *code, const char *then)
{
	struct buf text = BUF_INIT(TEXT_MAXIMUM);

	buf_addf(&text, _("To log in as %s, open in a browser\n\n"), c->user);
	buf_add_escaped(&text, buf_slice(&code->url));
	buf_addf(&text, "\n\n%s\n", then);
	show(&text);
	buf_free(&text);
}

/* How long the code is still good, on a terminal. */
static void
show_progress(struct deadline until)
{
	int left = deadline_left(until) / 1000;

	if (!isatty(STDERR_FILENO))
		return;
	(void)fprintf(stderr, _("\rwaiting, the code is good for %d:%02d  "), left / 60, left % 60);
	(void)fflush(stderr);
}

static void
end_progress(void)
{
	if (isatty(STDERR_FILENO))
		(void)fputs("\r\033[K", stderr);
}

/* --- by a code that the person types elsewhere --- */

static int
wait_for_code(
    const struct oauth_client *c, struct oauth_device *d, struct oauth_token *t, struct err *e)
{
	int rc = 0;

	while (rc == 0) {
		struct deadline next = deadline_in(d->interval * INT64_C(1000));

		while (!deadline_over(next)) {
			show_progress(d->until);
			deadline_nap(deadline_left(deadline_sooner(next, deadline_in(1000))));
		}
		rc = oauth_device_poll(c, d, t, e);
	}
	end_progress();
	return rc == 1 ? 0 : -1;
}

static int
by_code(const struct oauth_client *c, struct oauth_token *t, struct err *e)
{
	struct oauth_device d;
	int rc;

	if (oauth_device_begin(c, &d, e) != 0)
		return -1;
	show_code(c, &d);
	rc = wait_for_code(c, &d, t, e);
	oauth_device_free(&d);
	return rc;
}

/* --- by a browser --- */

/* Opens the browser, where there is a screen for it; else says what to do with one elsewhere. */
static void
open_browser(const struct oauth_client *c, const struct oauth_code *code)
{
	const char *const argv[] = {"xdg-open", buf_text(&code->url), NULL};

	if (getenv("DISPLAY") != NULL || getenv("WAYLAND_DISPLAY") != NULL) {
		(void)process_leave(argv);
		return;
	}
	(void)printf(_("Where the browser is on another machine, end this with Ctrl-C, and then:\n"
		       "    imbuca login --paste %s\n"),
	    c->account);
	(void)fflush(stdout);
}

static int
by_browser(const struct oauth_client *c, struct oauth_token *t, struct err *e)
{
	struct buf query = BUF_INIT(LINE_MAXIMUM);
	struct oauth_code code;
	uint16_t port;
	int fd = oauth_loopback_open(&port, e), rc;

	if (fd < 0)
		return -1;
	rc = oauth_code_begin(c, port, &code, e);
	if (rc == 0) {
		show_url(c, &code, _("Waiting until it comes back to this machine ..."));
		open_browser(c, &code);
		rc = oauth_loopback_take(fd, deadline_in(BROWSER_WAIT), &query, e);
	}
	(void)close(fd);
	if (rc != 0)
		(void)err_hint(e,
		    "where the browser is on another machine: imbuca login --paste %s", c->account);
	else
		rc = oauth_code_redeem(c, &code, buf_slice(&query), t, e);
	oauth_code_free(&code);
	buf_wipe(&query);
	return rc;
}

/* --- by a browser elsewhere --- */

/* The query of what was pasted: of an address what is behind the question mark, else all of it. */
static struct slice
query_of(struct slice pasted)
{
	struct slice query = str_trim(pasted), rest = query;

	(void)str_cut(&rest, '?');
	if (rest.ptr != NULL)
		query = rest;
	return str_cut(&query, '#');
}

/* Is QUERY of the address at a login's end, and not of the one where it begins, or a code alone? */
static bool
is_answer(struct slice query)
{
	struct buf value = BUF_INIT(LINE_MAXIMUM);
	bool is =
	    oauth_form_find(query, "state", &value) &&
	    (oauth_form_find(query, "code", &value) || oauth_form_find(query, "error", &value));

	buf_wipe(&value);
	return is;
}

static int
redeem_pasted(const struct oauth_client *c, const struct oauth_code *code, struct slice pasted,
    struct oauth_token *t, struct err *e)
{
	struct slice query = query_of(pasted);

	if (is_answer(query))
		return oauth_code_redeem(c, code, query, t, e);
	(void)err_set(e, EX_DATAERR, "what was pasted is not the address that was asked for");
	return err_hint(e,
	    "begin again, and paste the whole address that the browser shows in the end, from "
	    "http://localhost on");
}

/* A port that nobody listens on, so that the browser stays at the address. */
static int
free_port(uint16_t *port, struct err *e)
{
	int fd = oauth_loopback_open(port, e);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0 ? 0 : -1;
}

static int
by_paste(const struct oauth_client *c, struct oauth_token *t, struct err *e)
{
	struct buf line = BUF_INIT(LINE_MAXIMUM);
	struct oauth_code code;
	uint16_t port;
	int rc;

	if (free_port(&port, e) != 0 || oauth_code_begin(c, port, &code, e) != 0)
		return -1;
	show_url(c, &code,
	    _("In the end the browser comes to an address that begins with http://localhost, and\n"
	      "shows an error. Paste that address here:"));
	rc = terminal_read_line(STDIN_FILENO, deadline_in(BROWSER_WAIT), &line, e);
	if (rc == 0)
		rc = redeem_pasted(c, &code, buf_slice(&line), t, e);
	oauth_code_free(&code);
	buf_wipe(&line);
	return rc;
}

/* --- the whole --- */

int
app_login_check(const struct conf_account *account, struct err *e)
{
	const struct {
		const char *value, *keyword;
	} needed[] = {
	    {account->user, "user"},
	    {account->oauth_token_url, "oauth_token_url"},
	    {account->oauth_scope, "oauth_scope"},
	    {account->oauth_auth_url != NULL ? account->oauth_auth_url : account->oauth_device_url,
		"oauth_auth_url"},
	    {account->oauth_client_id, "oauth_client_id"},
	};
	const char *missing = NULL;

	for (size_t i = 0; missing == NULL && i < sizeof needed / sizeof needed[0]; i++)
		missing = needed[i].value == NULL ? needed[i].keyword : NULL;
	if (account->token_command != NULL) {
		(void)err_set(e, EX_CONFIG,
		    "the tokens of account '%s' come from its token_command", account->name);
		return err_hint(e, "log in with that program");
	}
	if (!sasl_mechanism_takes_token(conf_account_mechanism(account))) {
		(void)err_set(e, EX_CONFIG, "account '%s' logs in by %s, which takes no token",
		    account->name, conf_account_mechanism(account));
		return err_hint(e, "write 'auth on' there, so that the server's choice holds");
	}
	if (missing == NULL)
		return 0;
	(void)err_set(
	    e, EX_CONFIG, "account '%s' has no %s, which a login needs", account->name, missing);
	if (strcmp(missing, "user") == 0)
		return err_hint(e, "write the name that is to log in there behind 'user'");
	return err_hint(e, "README says how to get a client identifier at Microsoft and Google; "
			   "an account with a password needs no such login");
}

/* The way that there is. */
static int
go(const struct oauth_client *c, enum app_login_way way, struct oauth_token *t, struct err *e)
{
	if (way == APP_LOGIN_ANY && c->device_url != NULL)
		return by_code(c, t, e);
	if (c->auth_url == NULL)
		return err_set(e, EX_CONFIG, "account '%s' has no oauth_auth_url", c->account);
	return (way == APP_LOGIN_PASTE ? by_paste : by_browser)(c, t, e);
}

static int
keep(const struct oauth_client *c, const struct oauth_token *t, struct err *e)
{
	int lock = oauth_store_lock(c, e), rc;

	if (lock < 0)
		return -1;
	rc = oauth_store_save(c, t, e);
	(void)close(lock);
	return rc == 0 ? 0 : err_prefix(e, "the token came, and cannot be kept");
}

/* Says what has come of it. */
static void
report(
    const struct conf_account *account, const struct oauth_client *c, const struct oauth_token *t)
{
	struct buf text = BUF_INIT(TEXT_MAXIMUM), place = BUF_INIT(LINE_MAXIMUM);

	oauth_store_name(c, &place);
	buf_addf(&text, _("Logged in as %s; the token is in %s.\n"), c->user, buf_text(&place));
	if (t->refresh.ptr != NULL)
		buf_adds(&text, _("It is renewed by itself when mail is sent.\n"));
	else
		buf_adds(
		    &text, _("The provider gave nothing to renew it with: it will run out, and "
			     "the login must be repeated.\n"));
	if (account->password != NULL || account->passwordeval != NULL)
		buf_adds(&text, _("The account has a password too, which is used in its place: "
				  "take that out of the accounts file.\n"));
	show(&text);
	buf_free(&text);
	buf_free(&place);
}

/* Better to learn now that it cannot be kept than when it is there. */
static int
check_store(const struct oauth_client *c, struct err *e)
{
	struct oauth_token token = OAUTH_TOKEN_INIT;
	int lock = oauth_store_lock(c, e), rc;

	if (lock < 0)
		return -1;
	(void)close(lock);
	rc = oauth_store_load(c, &token, e);
	oauth_token_free(&token);
	return rc < 0 && e->ex == EX_TEMPFAIL ? -1 : 0;
}

int
app_login_get(const struct conf_account *account, enum app_login_way way, struct err *e)
{
	const struct oauth_client c = submit_login_client(account);
	struct oauth_token token = OAUTH_TOKEN_INIT;
	int rc;

	if (app_login_check(account, e) != 0 || check_store(&c, e) != 0)
		return -1;
	rc = go(&c, way, &token, e);
	if (rc == 0)
		rc = keep(&c, &token, e);
	if (rc == 0)
		report(account, &c, &token);
	oauth_token_free(&token);
	return rc == 0 ? 0 : -1;
}

/* --- back --- */

bool
app_login_is_there(const struct conf_account *account)
{
	const struct oauth_client c = submit_login_client(account);
	struct oauth_token token = OAUTH_TOKEN_INIT;
	struct err unsaid = ERR_INIT;
	bool there = c.user != NULL && oauth_store_load(&c, &token, &unsaid) != 0;

	oauth_token_free(&token);
	return there;
}

/* Has the provider take TOKEN back: as oauth_access_revoke. */
static int
take_back(const struct oauth_client *c, const struct oauth_token *token, struct err *e)
{
	struct buf place = BUF_INIT(LINE_MAXIMUM);
	int rc = oauth_access_revoke(c, token, e);

	if (rc < 0) {
		(void)err_prefix(e, "the token was not taken back, and is still kept");
		oauth_store_name(c, &place);
		if (e->hint[0] == '\0')
			(void)err_hint(e,
			    "try again; or remove the program's access on the provider's pages, "
			    "and here %s",
			    buf_text(&place));
		buf_free(&place);
	}
	return rc;
}

/* With the lock. 1 where the token was taken back, 0 where it is forgotten here alone. */
static int
give_back(const struct oauth_client *c, struct err *e)
{
	struct oauth_token token = OAUTH_TOKEN_INIT;
	int rc = oauth_store_load(c, &token, e);

	if (rc == 0)
		rc = err_set(e, EX_NOINPUT, "there is no token of %s at %s", c->user, c->host);
	else if (rc == 1)
		rc = take_back(c, &token, e);
	else if (e->ex == EX_CONFIG) /* who cannot read it cannot name it to the provider */
		rc = 0;
	if (rc >= 0 && oauth_store_remove(c, e) < 0)
		rc = -1;
	oauth_token_free(&token);
	return rc;
}

/* 1 or 0 as give_back. */
static int
log_out(const struct conf_account *account, struct err *e)
{
	const struct oauth_client c = submit_login_client(account);
	int rc, lock;

	if (c.user == NULL)
		return err_set(e, EX_CONFIG, "account '%s' names no user", c.account);
	lock = oauth_store_lock(&c, e);
	if (lock < 0)
		return -1;
	rc = give_back(&c, e);
	(void)close(lock);
	return rc;
}

int
app_login_give_back(const struct conf_account *account, struct err *e)
{
	return log_out(account, e) < 0 ? -1 : 0;
}

/* --- the commands --- */

int
app_login_find(const struct app_options *options, struct app_account *account, struct err *e)
{
	if (options->operand_count > 1)
		return err_set(e, EX_USAGE, "%s takes one account, not %zu", options->command->name,
		    options->operand_count);
	if (app_account_find(account, options,
		options->operand_count > 0 ? options->operands[0] : NULL, NULL, e) != 0)
		return -1;
	if (oauth_store_enter(e) == 0)
		return 0;
	app_account_free(account);
	return -1;
}

enum app_login_way
app_login_way_of(const struct app_options *options)
{
	if (options->paste)
		return APP_LOGIN_PASTE;
	return options->browser ? APP_LOGIN_BROWSER : APP_LOGIN_ANY;
}

int
app_login_run(const struct app_options *options, struct err *e)
{
	struct app_account account;
	int rc;

	if (options->status)
		return app_login_status_run(options, e);
	if (app_login_find(options, &account, e) != 0)
		return -1;
	rc = app_login_get(account.account, app_login_way_of(options), e);
	app_account_free(&account);
	return rc;
}

int
app_login_out(const struct app_options *options, struct err *e)
{
	struct app_account account;
	int rc;

	if (app_login_find(options, &account, e) != 0)
		return -1;
	rc = log_out(account.account, e);
	if (rc >= 0)
		(void)fputs(rc == 1 ? _("Logged out: the token was taken back and forgotten.\n")
				    : _("Forgotten here, and not taken back: remove the program's "
					"access on the provider's pages.\n"),
		    stdout);
	app_account_free(&account);
	return rc < 0 ? -1 : 0;
}
