/*
 * session: see session.h.
 */
#include <config.h>

#include "net/name.h"
#include "net/tls.h"
#include "submit/identity.h"
#include "submit/login.h"
#include "submit/session.h"

#include "base/banned.h"

/* Makes the account's values what the layers below take, once. */
static int
prepare(struct submit_session *s, struct err *e)
{
	if (s->prepared)
		return 0;
	if (submit_reach_prepare(s->account, &s->reach, e) != 0 ||
	    submit_identity_hello(s->account->domain, s->name, e) != 0)
		return -1;
	if (submit_login_prepare(s->account, &s->login, e) != 0) {
		submit_login_free(&s->login);
		return -1;
	}
	if (!s->account->pipelining)
		s->unwanted |= SMTP_EHLO_PIPELINING;
	s->prepared = true;
	return 0;
}

/* Greeting, STARTTLS, login. */
static int
greet(struct submit_session *s, struct err *e)
{
	const struct conf_account *account = s->account;
	const struct net_tls *tls;

	if (smtp_client_greet(&s->client, e) != 0)
		return -1;
	if (account->tls && account->tls_starttls &&
	    smtp_client_start_tls(&s->client, &s->reach.tls, e) != 0)
		return -1;
	tls = net_stream_tls(s->stream);
	if (tls != NULL)
		(void)str_copy(s->tls, sizeof s->tls, str_slice(net_tls_version(tls)));
	return submit_login_run(&s->login, s->reach.host, &s->client, smtp_client_log_in_along, e);
}

bool
submit_session_is_open(const struct submit_session *s)
{
	return s->stream != NULL && !s->client.dialogue.over && !s->client.said_quit;
}

/* Connects, and goes on to the login. */
static int
connect_once(struct submit_session *s, struct err *e)
{
	struct deadline within = submit_reach_deadline(&s->reach);

	s->stream = submit_reach_connect(&s->reach, s->transcript, within, &s->peer, e);
	if (s->stream == NULL)
		return -1;
	s->client = (struct smtp_client){
	    .dialogue = SMTP_DIALOGUE_INIT(s->stream, s->transcript, s->account->timeout),
	    .name = s->name,
	    .provider = conf_account_provider(s->account),
	    .lmtp = s->account->protocol == CONF_ACCOUNT_PROTOCOL_LMTP,
	    .unwanted = s->unwanted,
	};
	if (submit_reach_start_tls(&s->reach, s->stream, s->transcript, within, e) != 0) {
		s->client.dialogue.over = true;
		return -1;
	}
	return greet(s, e);
}

/* Did it fail by the TLS session that was kept of an earlier run? */
static bool
has_stale_tls(const struct submit_session *s)
{
	const struct net_tls *tls = s->stream != NULL ? net_stream_tls(s->stream) : NULL;

	return tls != NULL && net_tls_broke_resuming(tls);
}

int
submit_session_open(struct submit_session *s, struct err *e)
{
	if (submit_session_is_open(s))
		return 0;
	submit_session_close(s);
	s->reached = false;
	if (prepare(s, e) != 0)
		return -1;
	s->reached = connect_once(s, e) == 0;
	if (!s->reached && has_stale_tls(s)) {
		net_transcript_remark(s->transcript, "again, without the TLS session kept before");
		submit_session_close(s);
		s->reached = connect_once(s, e) == 0;
	}
	return s->reached ? 0 : -1;
}

void
submit_session_expect(
    struct submit_session *s, struct mail_message *message, struct smtp_transaction *t)
{
	s->next_message = message;
	s->next = t;
}

/* Makes T one that sends MESSAGE as this server and the account take it. */
static int
fit(const struct submit_session *s, struct mail_message *message, struct smtp_transaction *t,
    struct err *e)
{
	bool takes_8bit = (s->client.ehlo.extensions & SMTP_EHLO_8BITMIME) != 0;
	size_t most = conf_account_recipients(s->account);

	if (mail_message_fit_header(message, e) != 0 ||
	    mail_message_fit(message, takes_8bit, e) < 0)
		return -1;
	t->message = message;
	t->chunking = s->account->chunking;
	if (t->most == 0 || (most > 0 && most < t->most))
		t->most = most;
	return 0;
}

/* One connection. Returns as smtp_transaction_run. */
static int
converse(struct submit_session *s, struct mail_message *message, struct smtp_transaction *t,
    struct err *e)
{
	int rc = submit_session_open(s, e);
	struct err ignored;

	if (rc == 0)
		rc = fit(s, message, t, e);
	t->next = NULL;
	if (rc == 0 && s->next != NULL && fit(s, s->next_message, s->next, &ignored) == 0)
		t->next = s->next;
	if (rc == 0)
		rc = smtp_transaction_run(&s->client, t, e);
	s->unwanted |= s->client.unwanted;
	if (rc == 1)
		submit_session_close(s);
	return rc;
}

/* Did the connection end before the server had said anything of the message? */
static bool
is_untouched(const struct submit_session *s, const struct smtp_transaction *t)
{
	bool open = !t->uncertain && s->client.dialogue.over;

	for (size_t i = 0; open && t->fates != NULL && i < t->envelope->count; i++)
		open = t->fates[i].reply.code == 0;
	return open;
}

int
submit_session_send(struct submit_session *s, struct mail_message *message,
    struct smtp_transaction *t, struct err *e)
{
	bool idle = submit_session_is_open(s);
	int rc = converse(s, message, t, e);

	if (rc == -1 && idle && is_untouched(s, t))
		rc = converse(s, message, t, e);
	while (rc == 1)
		rc = converse(s, message, t, e);
	return rc;
}

void
submit_session_close(struct submit_session *s)
{
	if (s->stream == NULL)
		return;
	smtp_client_quit(&s->client);
	smtp_client_free(&s->client);
	net_stream_close(s->stream);
	s->stream = NULL;
}

void
submit_session_free(struct submit_session *s)
{
	submit_session_close(s);
	submit_login_free(&s->login);
	s->prepared = false;
}
