/*
 * rmqs: see rmqs.h.
 */
#include <config.h>

#include <unistd.h>

#include "app/account.h"
#include "app/failure.h"
#include "app/rmqs.h"
#include "base/file.h"
#include "smtp/etrn.h"
#include "submit/session.h"

#include "base/banned.h"

/* Over SESSION: asks, and prints the answer. */
static int
ask(struct submit_session *session, const char *node, struct err *e)
{
	struct smtp_reply reply = SMTP_REPLY_INIT;
	struct buf out = BUF_INIT(4 * SMTP_REPLY_TEXT_MAX);
	int rc = submit_session_open(session, e);

	if (rc == 0)
		rc = smtp_etrn(&session->client, node, &reply, e);
	if (rc != 0)
		(void)err_prefix(e, "%s port %u", session->account->host, session->account->port);
	smtp_reply_print(&reply, &out);
	buf_addc(&out, '\n');
	if (rc == 0)
		rc = file_write(STDOUT_FILENO, "standard output", out.data, out.len, e);
	smtp_reply_reset(&reply);
	buf_free(&out);
	return rc;
}

int
app_rmqs_run(const struct app_options *options, struct err *e)
{
	struct net_transcript transcript = {options->debug ? STDERR_FILENO : -1};
	struct submit_session session = {
	    .transcript = &transcript,
	    .unwanted = SMTP_EHLO_PIPELINING, /* no message follows, for a login to go along with */
	};
	struct app_account account;
	int rc;

	if (app_account_find(&account, options, NULL, NULL, e) != 0)
		return -1;
	session.account = account.account;
	rc = ask(&session, options->rmqs, e);
	if (rc != 0)
		(void)app_failure_explain(account.account, e);
	submit_session_free(&session);
	app_account_free(&account);
	return rc;
}
