/*
 * check_login: the steps of a session that is open: the mechanisms, the login, the sender, the
 * size, and a message to oneself where the person wants one.
 */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/check_inside.h"
#include "app/setup_account.h"
#include "base/file.h"
#include "base/i18n.h"
#include "mail/message.h"
#include "oauth/store.h"
#include "smtp/probe.h"
#include "smtp/transaction.h"
#include "submit/complete.h"
#include "submit/header.h"
#include "submit/identity.h"
#include "submit/login.h"

#include "base/banned.h"

enum {
	LINE_MAX_BYTES = 1024,
	LITTLE = 1 << 20, /* bytes; a server that takes less hardly takes an attachment */
	MEGA = 1000000,
};

/* --- login --- */

int
app_check_login_mechanisms(struct app_check *c, struct err *e)
{
	struct slice offered = str_trim(str_slice(c->client.ehlo.auth));
	const char *wanted = conf_account_mechanism(c->account);

	(void)e;
	if (offered.len == 0)
		app_report_add(c->report, APP_REPORT_NOTE, N_("mechanisms"),
		    "the server offers no login here");
	else if (wanted != NULL)
		app_report_add(c->report, APP_REPORT_OK, N_("mechanisms"),
		    "%.*s; the account wants %s", STR_ARGS(offered), wanted);
	else
		app_report_add(
		    c->report, APP_REPORT_OK, N_("mechanisms"), "%.*s", STR_ARGS(offered));
	return 0;
}

/* What is kept of the account's token. */
enum kept { NONE, LASTING, PASSING }; /* PASSING: it runs out, and cannot be renewed */

static enum kept
look_for_token(const struct conf_account *account)
{
	const struct oauth_client client = submit_login_client(account);
	struct oauth_token token = OAUTH_TOKEN_INIT;
	struct err ignored;
	int rc = oauth_store_load(&client, &token, &ignored);
	bool passing = rc == 1 && token.expires_at != 0 && token.refresh.ptr == NULL;

	oauth_token_free(&token);
	if (rc == 0)
		return NONE;
	return passing ? PASSING : LASTING;
}

/* Gets the password of an account that no file has. */
static int
prepare_made(struct app_check *c, struct err *e)
{
	const struct conf_provider *p = c->server->provider;
	int rc;

	if (app_setup_account_wants_token(p) && look_for_token(c->account) == NONE) {
		(void)err_set(e, EX_NOPERM, "%s takes no password, only OAuth2", p->title);
		(void)err_failure(e, "no_password");
		return err_hint(e, "imbuca setup %s logs in there", c->account->from.items[0]);
	}
	rc = app_setup_account_confirm(c->server, e);
	if (rc == 0 && c->account->passwordeval != NULL)
		return err_set(e, EX_USAGE, "there is no terminal to ask at");
	if (rc >= 0 && submit_login_prepare(c->account, &c->login, e) == 0)
		return 0;
	if (e->failure != NULL && strcmp(e->failure, "no_password") == 0)
		(void)err_hint(e, "run it at a terminal, which asks for the password, or name a "
				  "command that prints it: --password-command");
	return -1;
}

/*
 * Gets the password. Where there is none of an account that no file has, the rest can still be
 * checked: 0 with C's `untried` set.
 */
static int
prepare(struct app_check *c, struct err *e)
{
	if (c->server == NULL)
		return submit_login_prepare(c->account, &c->login, e);
	if (prepare_made(c, e) == 0)
		return 0;
	if (c->options->send != NULL || e->failure == NULL ||
	    strcmp(e->failure, "no_password") != 0)
		return -1;
	c->untried = *e;
	app_report_add(c->report, APP_REPORT_NOTE, N_("login"), "not tried: %s", c->untried.msg);
	return 0;
}

/* Tells of a token that was good for this once, or will not be good for long. */
static void
warn_of_token(struct app_check *c)
{
	const struct submit_login *login = &c->login;

	if (login->unkept.ex != 0) {
		APP_CHECK_WARN(c, N_("token"), "%s", login->unkept.msg);
		app_report_more(c->report, "%s", login->unkept.hint);
	} else if (login->is_token && login->client.command == NULL &&
		   look_for_token(c->account) == PASSING) {
		APP_CHECK_WARN(c, N_("token"),
		    "the provider gave nothing to renew it with: once it has run out, a new login "
		    "is needed");
		app_report_more(c->report, "imbuca login %s", c->account->name);
	}
}

int
app_check_login_run(struct app_check *c, struct err *e)
{
	const struct conf_account *account = c->account;

	if (!conf_account_logs_in(account)) {
		app_report_add(c->report, APP_REPORT_NOTE, N_("login"), "the account has none");
		return 0;
	}
	if (prepare(c, e) != 0)
		return -1;
	if (c->untried.ex != 0)
		return 0;
	app_report_start(c->report); /* what the person took to type it is not the server's time */
	if (submit_login_run(&c->login, c->reach.host, &c->client, smtp_client_log_in, e) != 0)
		return -1;
	app_report_add(c->report, APP_REPORT_OK, N_("login"), "accepted, as %s", account->user);
	warn_of_token(c);
	return 0;
}

/* --- sender --- */

static int
find_sender(struct app_check *c, struct err *e)
{
	struct mail_address given = {0};
	struct buf domain = BUF_INIT(NET_NAME_SIZE);
	const char *said = c->options->sender;
	int rc = said != NULL ? mail_address_parse(&given, str_slice(said), e) : 0;

	submit_identity_domain(&domain, c->account->domain);
	if (rc == 0)
		rc = submit_complete_sender(c->account, said != NULL ? &given : NULL, NULL,
		    buf_text(&domain), &c->sender, e);
	mail_address_free(&given);
	buf_free(&domain);
	return rc;
}

int
app_check_login_sender(struct app_check *c, struct err *e)
{
	struct buf address = BUF_INIT(LINE_MAX_BYTES);
	int rc;

	if (c->untried.ex != 0)
		return 0;
	rc = find_sender(c, e);
	if (rc == 0)
		rc = smtp_probe(&c->client, &c->sender, NULL, e);
	if (rc == 0) {
		mail_address_write(&address, &c->sender);
		app_report_add(
		    c->report, APP_REPORT_OK, N_("sender"), "accepted: <%s>", buf_text(&address));
	}
	buf_free(&address);
	return rc;
}

int
app_check_login_size(struct app_check *c, struct err *e)
{
	uint64_t size = c->client.ehlo.size;

	(void)e;
	if (size == 0)
		app_report_add(c->report, APP_REPORT_NOTE, N_("size"), "the server names no limit");
	else if (size < LITTLE)
		APP_CHECK_WARN(c, N_("size"),
		    "the server takes messages of at most %" PRIu64
		    " bytes, too little for an attachment",
		    size);
	else
		app_report_add(c->report, APP_REPORT_OK, N_("size"), "messages of up to %.1f MB",
		    (double)size / MEGA);
	return 0;
}

/* --- a message --- */

/* The text of the message on a descriptor, at its beginning. */
static int
write_text(const struct conf_account *account, struct err *e)
{
	struct buf text = BUF_INIT(2 * LINE_MAX_BYTES);
	int fd = file_open_unnamed(NULL, e);

	buf_addf(&text,
	    _("Subject: imbuca check\n\n"
	      "This message was sent by 'imbuca check --send' through %s port %u.\n"),
	    account->host, account->port);
	if (fd >= 0 && (file_write(fd, "the message", text.data, text.len, e) != 0 ||
			   lseek(fd, 0, SEEK_SET) != 0)) {
		(void)close(fd);
		fd = -1;
	}
	buf_free(&text);
	return fd;
}

/* Makes MESSAGE and ENVELOPE what is sent to TO. */
static int
complete(const struct app_check *c, struct mail_message *message, struct mail_envelope *envelope,
    const struct mail_address *to, struct err *e)
{
	struct buf domain = BUF_INIT(NET_NAME_SIZE), address = BUF_INIT(LINE_MAX_BYTES);
	struct submit_header header = {.account = c->account, .sender = &c->sender};
	int rc;

	submit_identity_domain(&domain, c->account->domain);
	header.domain = buf_text(&domain);
	mail_address_write(&address, to);
	rc = mail_envelope_set_sender(envelope, &c->sender, e);
	if (rc == 0 && mail_envelope_add(envelope, to, e) < 0)
		rc = -1;
	if (rc == 0)
		rc = mail_message_set(message, "To", buf_slice(&address), e);
	if (rc == 0)
		rc = submit_header_complete(&header, message, e);
	if (rc == 0)
		rc = submit_header_adapt(&header, message, e);
	submit_header_free(&header);
	buf_free(&domain);
	buf_free(&address);
	return rc;
}

static int
send_to(
    struct app_check *c, struct mail_message *message, const struct mail_address *to, struct err *e)
{
	struct mail_envelope envelope = {0};
	struct smtp_transaction transaction = {.envelope = &envelope, .message = message};
	int rc = complete(c, message, &envelope, to, e);

	if (rc == 0) {
		rc = smtp_transaction_run(&c->client, &transaction, e);
		smtp_transaction_free(&transaction);
	}
	mail_envelope_free(&envelope);
	return rc;
}

int
app_check_login_message(struct app_check *c, struct err *e)
{
	const struct mail_address *to = c->to.local != NULL ? &c->to : &c->sender;
	struct buf address = BUF_INIT(LINE_MAX_BYTES);
	struct mail_message *message = NULL;
	int rc, fd;

	if (c->options->send == NULL)
		return 0;
	fd = write_text(c->account, e);
	if (fd >= 0)
		message = mail_message_read(fd, NULL, e);
	rc = message != NULL ? send_to(c, message, to, e) : -1;
	mail_address_write(&address, to);
	if (rc == 0)
		app_report_add(c->report, APP_REPORT_OK, N_("message"),
		    "sent to <%s>: see that it arrives, and where", buf_text(&address));
	mail_message_free(message);
	if (fd >= 0)
		(void)close(fd);
	buf_free(&address);
	return rc;
}
