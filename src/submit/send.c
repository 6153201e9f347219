/*
 * send: see send.h.
 */
#include <config.h>

#include "net/name.h"
#include "net/tls.h"
#include "sasl/credential.h"
#include "sasl/mechanism.h"
#include "submit/identity.h"
#include "submit/reach.h"
#include "submit/send.h"

#include "base/banned.h"

/* The account's values in the form that the layers below take. */
struct setup {
	char name[NET_NAME_SIZE]; /* ours */
	struct buf password;
	struct submit_reach reach;
};

static int
fail_without_password(const struct conf_account *account, struct err *e)
{
	if (account->secret_voided_by == NULL) {
		(void)err_set(e, EX_CONFIG, "the account has no password");
		return err_hint(e,
		    "give it one with passwordeval or password in the accounts file, "
		    "or keep it in the keyring or in ~/.netrc");
	}
	(void)err_set(e, EX_CONFIG,
	    "the account's password is not used, since %s changes where it would go",
	    account->secret_voided_by);
	return err_hint(e, "give the password for that server with --passwordeval, "
			   "or write an account for it");
}

static int
get_password(const struct conf_account *account, struct buf *out, struct err *e)
{
	struct sasl_credential credential = {
	    .password = account->password,
	    .command = account->passwordeval,
	    .account = account->name,
	    .host = account->host,
	    .user = account->user,
	    .for_account = !account->moved && !account->bared,
	    .for_host = !account->bared,
	};
	int rc;

	if (!conf_account_logs_in(account) ||
	    !sasl_mechanism_needs_password(conf_account_mechanism(account)))
		return 0;
	rc = sasl_credential_get(&credential, out, e);
	if (rc == 0)
		return fail_without_password(account, e);
	return rc == 1 ? 0 : -1;
}

static int
prepare(const struct conf_account *account, struct setup *setup, struct err *e)
{
	if (submit_reach_prepare(account, &setup->reach, e) != 0)
		return -1;
	if (submit_identity_hello(account->domain, setup->name, e) != 0)
		return -1;
	return get_password(account, &setup->password, e);
}

static int
log_in(const struct conf_account *account, struct smtp_client *client, const struct setup *setup,
    struct err *e)
{
	const struct net_tls *tls = net_stream_tls(client->dialogue.stream);
	struct buf binding = BUF_INIT(256);
	struct sasl_client_params login = {
	    .user = account->user,
	    .password = buf_text(&setup->password),
	    .host = setup->reach.host,
	    .port = account->port,
	    .domain = account->ntlmdomain,
	    .mechanism = conf_account_mechanism(account),
	    .protected = tls != NULL,
	    .binding_type = tls != NULL ? net_tls_channel_binding(tls, &binding) : NULL,
	};
	int rc;

	login.binding = buf_slice(&binding);
	rc = smtp_client_log_in(client, &login, e);
	buf_wipe(&binding);
	return rc;
}

/* Greeting, STARTTLS, login. */
static int
open_session(
    struct submit_send *s, struct smtp_client *client, const struct setup *setup, struct err *e)
{
	const struct conf_account *account = s->account;
	const struct net_tls *tls;

	if (smtp_client_greet(client, e) != 0)
		return -1;
	if (account->tls && account->tls_starttls &&
	    smtp_client_start_tls(client, &setup->reach.tls, e) != 0)
		return -1;
	tls = net_stream_tls(client->dialogue.stream);
	if (tls != NULL)
		(void)str_copy(s->tls, sizeof s->tls, str_slice(net_tls_version(tls)));
	return conf_account_logs_in(account) ? log_in(account, client, setup, e) : 0;
}

/* The message, in a form that the server takes. */
static int
transact(struct submit_send *s, struct smtp_client *client, struct err *e)
{
	bool takes_8bit = (client->ehlo.extensions & SMTP_EHLO_8BITMIME) != 0;

	if (mail_message_fit(s->message, takes_8bit, e) < 0)
		return -1;
	s->transaction.envelope = s->envelope;
	s->transaction.message = s->message;
	s->transaction.last = true;
	return smtp_transaction_run(client, &s->transaction, e);
}

static int
converse(struct submit_send *s, const struct setup *setup, struct err *e)
{
	struct net_stream *stream = submit_reach_open(&setup->reach, s->transcript, &s->peer, e);
	struct smtp_client client = {
	    .dialogue = SMTP_DIALOGUE_INIT(stream, s->transcript, s->account->timeout),
	    .name = setup->name,
	};
	int rc;

	if (stream == NULL)
		return -1;
	rc = open_session(s, &client, setup, e);
	if (rc == 0)
		rc = transact(s, &client, e);
	smtp_client_quit(&client);
	smtp_dialogue_free(&client.dialogue);
	net_stream_close(stream);
	return rc;
}

int
submit_send_run(struct submit_send *s, struct err *e)
{
	struct setup setup = {.password = BUF_INIT(SASL_CREDENTIAL_MAX)};
	int64_t begin = deadline_now();
	int rc = prepare(s->account, &setup, e);

	if (rc == 0)
		rc = converse(s, &setup, e);
	buf_wipe(&setup.password);
	s->duration = deadline_now() - begin;
	return rc;
}

void
submit_send_free(struct submit_send *s)
{
	if (s->transaction.envelope != NULL)
		smtp_transaction_free(&s->transaction);
}
