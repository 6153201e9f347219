/*
 * credential: where the password of an account comes from, or the token in its place. A source that
 * is not there, or has no password for the account, is passed over:
 *   - the account's own password, or its command
 *   - the file imbuca.ACCOUNT in $CREDENTIALS_DIRECTORY (systemd.exec(5))
 *   - the account's token of OAuth2 (oauth/access), renewed where it has expired
 *   - the keyring: secret-tool(1) with msmtp's attributes host, service smtp, user
 *   - ~/.netrc, then netrc in the folder of the system's configuration
 *   - the person at the terminal
 */
#ifndef SASL_CREDENTIAL_H
#define SASL_CREDENTIAL_H

#include "base/buf.h"
#include "base/err.h"

struct oauth_client;

/* The longest password, and the longest of all, a token, in bytes. */
enum { SASL_CREDENTIAL_PASSWORD_MAX = 4096, SASL_CREDENTIAL_MAX = 8192 };

struct sasl_credential {
	const char *password; /* as it stands in the account, or NULL */
	const char *command;  /* a command that prints it, or NULL */
	const char *account;  /* the account's name */
	const char *host;     /* whom the password is for */
	const char *user;
	const struct oauth_client *token; /* whose tokens it may be; NULL: none */
	struct err *unkept;		  /* where there is a token: as in oauth_access_get */
	bool for_account;		  /* may what is kept for the account be used? */
	bool for_host;			  /* may what is kept for the host and user be used? */
};

/*
 * Appends the password to OUT, which the caller wipes: of a command or a file its first line; or a
 * token, and then sets IS_TOKEN. A command has five minutes, since somebody may have to type a
 * passphrase. Returns 1; 0 where no source has one; -1 with EX_NOPERM where a command fails or
 * prints nothing, EX_CONFIG where others can read a file, else as the sources say.
 */
int sasl_credential_get(
    const struct sasl_credential *credential, struct buf *out, bool *is_token, struct err *e);

#endif
