/*
 * login: see login.h.
 */
#include <config.h>

#include <ctype.h>
#include <string.h>

#include "conf/provider.h"
#include "net/tls.h"
#include "oauth/access.h"
#include "oauth/store.h"
#include "sasl/credential.h"
#include "sasl/mechanism.h"
#include "submit/login.h"

#include "base/banned.h"

enum {
	REFUSED = 535, /* RFC 4954 6: the credentials are not valid */
	COMMAND_MAXIMUM = 1024,
};

struct oauth_client
submit_login_client(const struct conf_account *account)
{
	return (struct oauth_client){
	    .account = account->name,
	    .user = account->user,
	    .host = account->host,
	    .id = account->oauth_client_id,
	    .secret = account->oauth_client_secret,
	    .scope = account->oauth_scope,
	    .auth_url = account->oauth_auth_url,
	    .device_url = account->oauth_device_url,
	    .token_url = account->oauth_token_url,
	    .revoke_url = account->oauth_revoke_url,
	    .command = account->token_command,
	    .keyring = account->token_store == CONF_ACCOUNT_TOKEN_STORE_KEYRING,
	};
}

/* --- the secret --- */

static int
fail_without_token(const struct conf_account *account, struct err *e)
{
	const struct oauth_client c = submit_login_client(account);
	struct buf command = BUF_INIT(COMMAND_MAXIMUM);

	oauth_store_command(&c, &command);
	(void)err_set(e, EX_NOPERM, "the account has no token yet");
	(void)err_failure(e, "no_password");
	(void)err_hint(e, "get one: %s", buf_text(&command));
	buf_free(&command);
	return -1;
}

static int
fail_without_password(const struct conf_account *account, struct err *e)
{
	if (account->secret_voided_by != NULL) {
		(void)err_set(e, EX_CONFIG,
		    "the account's password is not used, since %s changes where it would go",
		    account->secret_voided_by);
		return err_hint(e, "give the password for that server with --passwordeval, "
				   "or write an account for it");
	}
	if (account->oauth_client_id != NULL &&
	    sasl_mechanism_takes_token(conf_account_mechanism(account)))
		return fail_without_token(account, e);
	/* Not of necessity the file's fault: a keyring that is locked has none either. */
	(void)err_set(e, EX_NOPERM, "the account has no password");
	(void)err_failure(e, "no_password");
	return err_hint(e, "give it one with passwordeval or password in the accounts file, "
			   "or keep it in the keyring or in ~/.netrc");
}

/*
 * Takes the blanks out of an app password of Google's: its page shows the sixteen letters in groups
 * of four, and so they are copied. Another password may well have blanks of its own.
 */
static void
join_app_password(const struct conf_account *account, struct buf *secret)
{
	const struct conf_provider *p = account->served_by;
	size_t to = 0;

	if (p == NULL || strcmp(p->name, "gmail") != 0 || secret->len != 19)
		return;
	for (size_t i = 0; i < secret->len; i++) {
		if (i % 5 == 4 ? secret->data[i] != ' ' : !islower((unsigned char)secret->data[i]))
			return;
	}
	for (size_t i = 0; i < secret->len; i++) {
		if (secret->data[i] != ' ')
			secret->data[to++] = secret->data[i];
	}
	secret->data[secret->len = to] = '\0';
}

int
submit_login_prepare(const struct conf_account *account, struct submit_login *login, struct err *e)
{
	const char *mechanism = conf_account_mechanism(account);
	struct sasl_credential credential = {
	    .password = account->password,
	    .command = account->passwordeval,
	    .account = account->name,
	    .host = account->host,
	    .user = account->user,
	    .token = sasl_mechanism_takes_token(mechanism) ? &login->client : NULL,
	    .unkept = &login->unkept,
	    .for_account = !account->moved && !account->bared,
	    .for_host = !account->bared,
	};
	int rc;

	*login = (struct submit_login){.account = account,
	    .client = submit_login_client(account),
	    .secret = BUF_INIT(SASL_CREDENTIAL_MAX)};
	if (!conf_account_logs_in(account) || !sasl_mechanism_needs_password(mechanism))
		return 0;
	rc = sasl_credential_get(&credential, &login->secret, &login->is_token, e);
	if (rc == 0)
		return fail_without_password(account, e);
	if (rc == 1 && login->secret.full)
		return err_set(
		    e, EX_CONFIG, "the token has more than %d bytes", SASL_CREDENTIAL_MAX);
	if (rc == 1 && !login->is_token)
		join_app_password(account, &login->secret);
	return rc == 1 ? 0 : -1;
}

/* --- the login --- */

static int
log_in(const struct submit_login *login, const char *host, struct smtp_client *client,
    submit_login_way *way, struct err *e)
{
	const struct conf_account *account = login->account;
	const struct net_tls *tls = net_stream_tls(client->dialogue.stream);
	struct buf binding = BUF_INIT(256);
	struct sasl_client_params params = {
	    .user = account->user,
	    .password = buf_text(&login->secret),
	    .is_token = login->is_token,
	    .host = host,
	    .port = account->port,
	    .domain = account->ntlmdomain,
	    .mechanism = conf_account_mechanism(account),
	    .protected = tls != NULL,
	    .binding_type = tls != NULL ? net_tls_channel_binding(tls, &binding) : NULL,
	};
	int rc;

	params.binding = buf_slice(&binding);
	rc = way(client, &params, e);
	buf_wipe(&binding);
	return rc;
}

/* Puts a new token in the place of the refused one. -1 where there is none. */
static int
renew(struct submit_login *login, struct err *e)
{
	struct buf fresh = BUF_INIT(SASL_CREDENTIAL_MAX);
	int rc =
	    oauth_access_get(&login->client, buf_slice(&login->secret), &fresh, &login->unkept, e);

	if (rc == 1 && !str_equal(buf_slice(&fresh), buf_slice(&login->secret))) {
		buf_wipe(&login->secret);
		login->secret = fresh;
		return 0;
	}
	buf_wipe(&fresh);
	return -1;
}

/* Again, after E, with a new token. Where there is none, E says why, or stays. */
static int
log_in_anew(struct submit_login *login, const char *host, struct smtp_client *client,
    submit_login_way *way, struct err *e)
{
	struct err why = ERR_INIT;

	if (renew(login, &why) == 0)
		return log_in(login, host, client, way, e);
	if (why.ex != 0) {
		*e = why;
		(void)err_prefix(e, "the server does not take the token");
	}
	return -1;
}

int
submit_login_run(struct submit_login *login, const char *host, struct smtp_client *client,
    submit_login_way *way, struct err *e)
{
	int rc;

	if (!conf_account_logs_in(login->account))
		return 0;
	rc = log_in(login, host, client, way, e);
	if (rc != 0 && login->is_token && e->code == REFUSED)
		rc = log_in_anew(login, host, client, way, e);
	if (rc != 0 && login->is_token && e->code == REFUSED && e->hint[0] == '\0')
		(void)err_hint(e,
		    "the token is new: it must be of the user %s, and the mailbox must "
		    "allow SMTP",
		    login->account->user);
	return rc;
}

void
submit_login_free(struct submit_login *login)
{
	buf_wipe(&login->secret);
}
