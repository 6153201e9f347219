/*
 * send: see send.h.
 */
#include <config.h>

#include "base/deadline.h"
#include "submit/complete.h"
#include "submit/send.h"

#include "base/banned.h"

static bool
is_null_sender_refused(const struct submit_send *s)
{
	const struct smtp_transaction_fate *fate = s->transaction.fates;

	return mail_address_is_null(&s->envelope->sender) && fate != NULL &&
	       fate->stage == EXPLAIN_MAIL && smtp_reply_is(&fate->reply, 5);
}

/*
 * Sends the message once more, with the account's own address in place of the null sender, if it
 * has one: there are servers that take no null sender from their users. What the null sender said,
 * that nobody shall answer, is said in the header then (RFC 3834, 5).
 */
static int
send_as_owner(struct submit_send *s, struct submit_session *session, struct err *e)
{
	static const struct slice automatic = STR_LITERAL("auto-replied");
	struct mail_address owner;
	struct err ignored;

	if (submit_complete_own_address(s->account, &owner, &ignored) != 1)
		return -1;
	s->own = *s->envelope;
	s->own.sender = owner;
	if (mail_message_field(s->message, "Auto-Submitted").ptr == NULL &&
	    mail_message_append(s->message, "Auto-Submitted", automatic, e) != 0)
		return -1;
	net_transcript_remark(
	    s->transcript, "again with the account's own address, since <> is refused");
	smtp_transaction_reopen(&s->transaction);
	s->transaction.envelope = &s->own;
	return submit_session_send(session, s->message, &s->transaction, e);
}

/* What a transaction is told of the message. */
static void
prepare(struct submit_send *s)
{
	s->transaction.envelope = s->envelope;
	s->transaction.most = s->most;
	s->transaction.waits = s->waits;
}

/* Tells SESSION what follows S. */
static void
expect(struct submit_session *session, const struct submit_send *s)
{
	struct submit_send *next = s->next;

	if (next != NULL)
		prepare(next);
	submit_session_expect(
	    session, next != NULL ? next->message : NULL, next != NULL ? &next->transaction : NULL);
}

int
submit_send_over(struct submit_send *s, struct submit_session *session, bool last, struct err *e)
{
	int64_t begin = deadline_now();
	int rc;

	prepare(s);
	s->transaction.last = last;
	expect(session, s);
	rc = submit_session_send(session, s->message, &s->transaction, e);
	if (rc < 0 && is_null_sender_refused(s))
		rc = send_as_owner(s, session, e);
	if (last)
		submit_session_close(session);
	s->peer = session->peer;
	s->reached = session->reached;
	s->reports = (session->client.ehlo.extensions & SMTP_EHLO_DSN) != 0;
	(void)str_copy(s->tls, sizeof s->tls, str_slice(session->tls));
	s->duration = deadline_now() - begin;
	s->unkept = session->login.unkept;
	session->login.unkept = (struct err)ERR_INIT;
	return rc;
}

int
submit_send_run(struct submit_send *s, struct err *e)
{
	struct submit_session session = {.account = s->account, .transcript = s->transcript};
	int rc = submit_send_over(s, &session, true, e);

	submit_session_free(&session);
	return rc;
}

void
submit_send_free(struct submit_send *s)
{
	if (s->transaction.envelope != NULL)
		smtp_transaction_free(&s->transaction);
	mail_address_free(&s->own.sender);
}
