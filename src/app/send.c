/*
 * send: see send.h.
 */
#include <config.h>

#include <inttypes.h>
#include <unistd.h>

#include "app/envelope.h"
#include "app/send.h"
#include "app/submission.h"
#include "app/terminal.h"
#include "base/file.h"
#include "mail/header.h"

#include "base/banned.h"

enum { TEXT_MAX = 1 << 20 };

/* Adds the subject of -s, unless there is one. */
static int
add_subject(struct app_submission *s, struct err *e)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	int rc = 0;

	if (s->options->subject == NULL || mail_message_field(s->message, "Subject").ptr != NULL)
		return 0;
	mail_header_encode_text(&text, str_slice(s->options->subject));
	rc = mail_message_append(s->message, "Subject", buf_slice(&text), e);
	buf_free(&text);
	return rc;
}

static void
add_names(struct buf *out, const char *what, const struct mail_envelope *envelope)
{
	for (size_t i = 0; i < envelope->count; i++) {
		buf_addf(out, "%s <", what);
		mail_address_write(out, &envelope->recipients[i].address);
		buf_adds(out, ">\n");
	}
}

/* The account's server, as -P shows it. */
static void
add_account(struct buf *out, const struct conf_account *account)
{
	const char *way = account->tls_starttls ? "STARTTLS" : "TLS";

	buf_addf(out, "account %s\nserver %s port %u %s\nlogin %s\n", account->name, account->host,
	    account->port, account->tls ? way : "plain text",
	    conf_account_logs_in(account) ? account->user : "none");
}

static void
add_sender(struct buf *out, const struct mail_envelope *envelope)
{
	buf_adds(out, "sender <");
	mail_address_write(out, &envelope->sender);
	buf_adds(out, ">\n");
}

/* For -P: what imbucad gets, then what the account's server does. */
static int
pretend(struct app_submission *s, struct err *e)
{
	struct buf out = BUF_INIT(2 * TEXT_MAX), shown = BUF_INIT(8 * TEXT_MAX);
	int rc;

	if (app_submission_adapt(s, e) != 0)
		return -1;
	if (s->route.local.count > 0) {
		buf_addf(&out, "imbucad %s%s\n", s->daemon->socket,
		    s->absent ? " (absent: by the queue)" : "");
		add_sender(&out, &s->route.local);
		add_names(&out, "local", &s->route.local);
	}
	if (s->route.remote.count > 0) {
		add_account(&out, s->account.account);
		add_sender(&out, &s->route.remote);
		add_names(&out, "recipient", &s->route.remote);
	}
	buf_addf(&out, "size %" PRIu64 "\n\n", mail_message_facts(s->message).size);
	buf_add_slice(&out, mail_message_header(s->message));
	app_terminal_add(&shown, STDOUT_FILENO, buf_slice(&out));
	rc = file_write(STDOUT_FILENO, "standard output", shown.data, shown.len, e);
	buf_free(&out);
	buf_free(&shown);
	return rc == 0 ? app_submission_conclude(s, e) : -1;
}

static int
run(struct app_submission *s, struct err *e)
{
	const struct mail_message_options reading = {.dot_ends = !s->options->ignore_dots};

	s->message = mail_message_read(STDIN_FILENO, &reading, e);
	if (s->message == NULL || add_subject(s, e) != 0 || app_envelope_read(s, e) != 0)
		return -1;
	if (app_submission_route(s, e) != 0 || app_submission_complete(s, e) != 0)
		return -1;
	return s->options->pretend ? pretend(s, e) : app_submission_send(s, e);
}

int
app_send_run(const struct app_options *options, struct err *e)
{
	struct app_submission s = APP_SUBMISSION_INIT(options);
	int rc = run(&s, e);

	app_submission_free(&s);
	return rc;
}
