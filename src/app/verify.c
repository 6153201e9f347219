/*
 * verify: see verify.h. The lines are sendmail's.
 */
#include <config.h>

#include <unistd.h>

#include "app/envelope.h"
#include "app/submission.h"
#include "app/verify.h"
#include "base/file.h"
#include "smtp/probe.h"
#include "submit/session.h"

#include "base/banned.h"

enum { TEXT_MAX = 4 << 20 };

static void
add_name(struct buf *out, const struct mail_address *address, const char *way)
{
	mail_address_write(out, address);
	buf_addf(out, "... deliverable: %s\n", way);
}

/* Does imbucad, over SESSION, know ADDRESS? A server that has heard enough may have ended that. */
static int
ask_daemon(struct submit_session *session, const struct mail_address *address, struct err *e)
{
	char nothing[] = "";
	const struct mail_address null = {nothing, nothing, nothing};

	if (submit_session_open(session, e) == 0 &&
	    smtp_probe(&session->client, &null, address, e) == 0)
		return 0;
	return err_prefix(e, "imbucad");
}

/* Adds the names of this machine that imbucad takes, and notes which it does not. */
static void
add_local(struct app_submission *s, struct buf *out)
{
	const struct net_transcript transcript = {s->options->debug ? STDERR_FILENO : -1};
	struct submit_session session = {
	    .account = s->daemon,
	    .transcript = &transcript,
	    .unwanted = SMTP_EHLO_PIPELINING, /* nothing follows the greeting */
	};
	const struct mail_envelope *local = &s->route.local;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < local->count; i++) {
		const struct mail_address *address = &local->recipients[i].address;

		if (s->absent)
			add_name(out, address, "the queue, until imbucad answers");
		else if (ask_daemon(&session, address, &e) == 0)
			add_name(out, address, "imbucad");
		else
			app_submission_note(s, &e);
	}
	submit_session_free(&session);
}

static void
add_remote(const struct app_submission *s, struct buf *out)
{
	const struct conf_account *account = s->account.account;
	const struct mail_envelope *remote = &s->route.remote;
	struct buf way = BUF_INIT(TEXT_MAX);

	if (account != NULL)
		buf_addf(&way, "account %s, server %s port %u", account->name, account->host,
		    account->port);
	for (size_t i = 0; i < remote->count; i++)
		add_name(out, &remote->recipients[i].address, buf_text(&way));
	buf_free(&way);
}

int
app_verify_run(const struct app_options *options, struct err *e)
{
	struct app_submission s = APP_SUBMISSION_INIT(options);
	struct buf out = BUF_INIT(TEXT_MAX);
	int rc = app_envelope_read(&s, e);

	if (rc == 0)
		rc = app_submission_route(&s, e);
	if (rc == 0) {
		add_local(&s, &out);
		add_remote(&s, &out);
		rc = file_write(STDOUT_FILENO, "standard output", buf_text(&out), out.len, e);
	}
	if (rc == 0)
		rc = app_submission_conclude(&s, e);
	buf_free(&out);
	app_submission_free(&s);
	return rc;
}
