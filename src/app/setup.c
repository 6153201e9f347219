/*
 * setup: see setup.h.
 */
#include <config.h>

#include "app/check.h"
#include "app/login.h"
#include "app/setup.h"
#include "app/setup_account.h"
#include "app/setup_file.h"
#include "app/setup_find.h"
#include "app/setup_login.h"
#include "app/setup_password.h"
#include "base/i18n.h"
#include "base/path.h"
#include "conf/account_settle.h"
#include "conf/provider_file.h"

#include "base/banned.h"

/* One run. */
struct setup {
	const struct app_options *options;
	struct app_report report;
	struct conf_provider_more *more;
	struct mail_address address;
	struct buf text; /* the address as one writes it */
	struct app_setup_find server;
	bool by_token;
	struct buf name; /* the account's */
	struct buf file;
	struct conf_account *account;
};

/* --- what it needs to know --- */

/* The account's name: as told, the provider's, or the first label of the domain. */
static void
choose_name(struct setup *s)
{
	struct slice domain = str_slice(s->address.domain);

	if (s->options->account != NULL)
		buf_adds(&s->name, s->options->account);
	else if (s->server.provider != NULL)
		buf_adds(&s->name, s->server.provider->name);
	else
		buf_add_slice(&s->name, str_cut(&domain, '.'));
}

static int
confirm(struct setup *s, struct err *e)
{
	int rc = s->options->yes ? 1 : app_setup_account_confirm(&s->server, e);

	if (rc == 0)
		return app_setup_account_unasked(e);
	return rc == 1 ? 0 : -1;
}

/* Tells what the password must be, before it is asked for. -1 where no password will do. */
static int
tell_password(struct setup *s, struct err *e)
{
	const struct conf_provider *p = s->server.provider;

	s->by_token = app_setup_login_is_wanted(s->options, p);
	if (s->by_token)
		return 0;
	if (app_setup_account_wants_token(p)) {
		(void)err_set(e, EX_CONFIG, "%s takes no password, only OAuth2", p->title);
		return err_hint(
		    e, "leave --password-command and --auth away; see %s", p->help_page);
	}
	app_setup_account_tell_password(p, &s->report);
	app_setup_login_offer(p, buf_text(&s->text), &s->report);
	return 0;
}

/* --- the account --- */

static int
make_account(struct setup *s, struct err *e)
{
	s->account = app_setup_account_make(
	    s->options, s->more, &s->server, &s->address, buf_slice(&s->name), e);
	return s->account != NULL ? 0 : -1;
}

/* --- the run --- */

static int
prepare(struct setup *s, struct err *e)
{
	char domain[NET_NAME_SIZE];
	struct app_setup_find_params wanted = {.options = s->options, .domain = domain};

	if (net_name_to_ascii(str_slice(s->address.domain), domain, e) != 0 ||
	    conf_provider_file_load(&s->more, e) != 0)
		return -1;
	wanted.more = s->more;
	if (app_setup_find_server(&wanted, &s->report, &s->server, e) != 0)
		return -1;
	choose_name(s);
	if (app_setup_file_find(s->options->file, buf_text(&s->name), &s->address, &s->file, e) !=
	    0)
		return -1;
	return tell_password(s, e);
}

/* What was set up is tried, on a copy of the times that a person waits. */
static int
try(struct setup *s, struct err *e)
{
	unsigned timeout = s->account->timeout;
	int rc = conf_account_settle(s->account, e);

	if (rc != 0)
		return rc;
	rc = app_check_account(s->options, s->account, NULL, &s->report, e);
	s->account->timeout = timeout;
	if (rc == 0)
		return 0;
	app_report_conclude(&s->report, "file", "Nothing was written.");
	return err_told(e, e->ex);
}

static int
write_account(struct setup *s, struct err *e)
{
	if (app_setup_file_add(buf_text(&s->file), s->account, e) != 0)
		return -1;
	app_report_conclude(&s->report, "file", "The account '%s' stands in %s now.",
	    s->account->name, buf_text(&s->file));
	return 0;
}

/* What is left for the person to do, where nobody could be asked: COMPLETE but for the login. */
static int
leave(struct setup *s, bool complete, struct err *e)
{
	if (write_account(s, e) != 0)
		return -1;
	if (!complete)
		app_report_conclude(&s->report, "missing",
		    "It lacks oauth_client_id, as what the provider knows this program: write it "
		    "there.");
	app_report_conclude(&s->report, "next", "Then log in: imbuca login %s", s->account->name);
	return complete ? 0 : err_told(e, EX_CONFIG);
}

/* Where the token that was just got is of no use, it is not left behind. */
static void
give_back(struct setup *s)
{
	struct err failed = ERR_INIT;

	if (app_login_give_back(s->account, &failed) != 0)
		app_report_conclude(&s->report, "token", "%s", failed.msg);
}

static int
run_by_token(struct setup *s, struct err *e)
{
	int complete = app_setup_login_prepare(s->options, s->account, &s->report, e), rc;
	bool had;

	if (complete < 0)
		return -1;
	had = app_login_is_there(s->account);
	rc = complete ? app_setup_login_run(s->options, s->account, e) : 0;
	if (rc == 0)
		return leave(s, complete, e);
	if (rc == 1 && try(s, e) == 0)
		return write_account(s, e);
	if (rc == 1 && !had)
		give_back(s);
	return -1;
}

static int
run(struct setup *s, struct err *e)
{
	if (prepare(s, e) != 0 || make_account(s, e) != 0 || confirm(s, e) != 0)
		return -1;
	if (s->by_token)
		return run_by_token(s, e);
	if (app_setup_password_ask(s->options, s->account, e) != 0 || try(s, e) != 0 ||
	    app_setup_password_keep(s->account, &s->report, e) != 0)
		return -1;
	return write_account(s, e);
}

int
app_setup_run(const struct app_options *options, struct err *e)
{
	struct setup s = {
	    .options = options,
	    .text = BUF_INIT(2 * MAIL_ADDRESS_MAX),
	    .name = BUF_INIT(NET_NAME_SIZE),
	    .file = BUF_INIT(PATH_MAXIMUM),
	};
	struct err printing = ERR_INIT;
	int rc = -1;

	if (options->operand_count != 1)
		return err_set(
		    e, EX_USAGE, "setup takes one address, not %zu", options->operand_count);
	if (mail_address_parse(&s.address, str_slice(options->operands[0]), e) != 0)
		return -1;
	mail_address_write(&s.text, &s.address);
	app_report_open(&s.report, options->json, true);
	if (s.address.domain[0] == '\0')
		(void)err_set(e, EX_USAGE, "'%s' is no whole address", options->operands[0]);
	else
		rc = run(&s, e);
	if (app_report_close(&s.report, &printing) != 0 && rc == 0) {
		*e = printing;
		rc = -1;
	}
	conf_provider_file_free(s.more);
	conf_account_free(s.account);
	mail_address_free(&s.address);
	buf_free(&s.text);
	buf_free(&s.name);
	buf_free(&s.file);
	return rc;
}
