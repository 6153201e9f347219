/*
 * login: the login of an account at its server, with the password or the token that the account
 * has.
 */
#ifndef SUBMIT_LOGIN_H
#define SUBMIT_LOGIN_H

#include "conf/account.h"
#include "oauth/client.h"
#include "smtp/client.h"

/* Zero or prepared; it points into the account. */
struct submit_login {
	const struct conf_account *account; /* settled */
	struct oauth_client client;
	struct buf secret; /* the password or token; empty where the login needs none */
	bool is_token;
	struct err unkept; /* of a token that is used and could not be kept; ex 0: none such */
};

/* What ACCOUNT, which is settled, says about tokens; it points into it. */
struct oauth_client submit_login_client(const struct conf_account *account);

/*
 * Gets the secret of ACCOUNT, where it logs in and needs one; the person may be asked for it.
 * submit_login_free frees LOGIN in any case. -1 as sasl_credential_get, and EX_CONFIG where there
 * is none.
 */
int submit_login_prepare(
    const struct conf_account *account, struct submit_login *login, struct err *e);

/* smtp_client_log_in or smtp_client_log_in_along. */
typedef int submit_login_way(
    struct smtp_client *c, const struct sasl_client_params *params, struct err *e);

/*
 * Logs in by WAY over CLIENT, which has said EHLO, where the account does; HOST is the server's
 * name as it was connected to. A token that the server refuses with 535 is renewed once and tried
 * again: it may have been withdrawn, or this machine's clock be wrong. Returns as WAY does.
 */
int submit_login_run(struct submit_login *login, const char *host, struct smtp_client *client,
    submit_login_way *way, struct err *e);

/* Wipes the secret. */
void submit_login_free(struct submit_login *login);

#endif
