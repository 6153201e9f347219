/*
 * setup_password: see setup_password.h.
 */
#include <config.h>

#include "app/setup_account.h"
#include "app/setup_password.h"
#include "base/i18n.h"
#include "base/keyring.h"
#include "base/terminal.h"
#include "sasl/credential.h"

#include "base/banned.h"

enum { SECONDS = 10 * 60 }; /* for an answer at the terminal */

/* An app password is shown in groups; the blanks are no part of it. */
static void
pack(struct buf *password)
{
	size_t kept = 0;

	for (size_t i = 0; i < password->len; i++) {
		if (password->data[i] != ' ')
			password->data[kept++] = password->data[i];
	}
	password->len = kept;
	password->data[kept] = '\0';
}

int
app_setup_password_ask(
    const struct app_options *options, struct conf_account *account, struct err *e)
{
	const struct conf_provider *p = account->served_by;
	struct buf password = BUF_INIT(SASL_CREDENTIAL_MAX), question = BUF_INIT(1024);
	int rc;

	if (account->passwordeval != NULL)
		return 0;
	if (options->yes) {
		(void)err_set(e, EX_USAGE, "with --yes nothing is asked, and there is no password");
		return err_hint(e, "give a command that prints it, with --password-command");
	}
	buf_addf(&question, _("Password for %s: "), account->from.items[0]);
	rc = terminal_ask_secret(
	    buf_text(&question), deadline_in((int64_t)SECONDS * 1000), &password, e);
	if (rc == 0)
		rc = app_setup_account_unasked(e);
	else if (rc == 1 && p != NULL && (p->password & CONF_PROVIDER_PASSWORD_ACCOUNT) == 0)
		pack(&password);
	if (rc == 1)
		rc = app_setup_account_set(account, "password", buf_text(&password), e);
	buf_wipe(&password);
	buf_free(&question);
	return rc;
}

int
app_setup_password_keep(struct conf_account *account, struct app_report *report, struct err *e)
{
	const struct keyring_key key = {"smtp", account->host, account->user};
	bool wanted = false;
	struct err why;

	if (account->password == NULL || !keyring_is_there())
		return 0;
	if (app_setup_account_ask(
		_("Keep the password in the keyring, and not in the accounts file? [y/n] "),
		&wanted, e) < 0)
		return -1;
	if (!wanted)
		return 0;
	if (keyring_keep(&key, account->from.items[0], str_slice(account->password), &why) == 0)
		conf_kind_text.clear(&account->password);
	else
		app_report_add(report, APP_REPORT_WARNING, N_("password"),
		    "it is kept in the accounts file: %s", why.msg);
	return 0;
}
