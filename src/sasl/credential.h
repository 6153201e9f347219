/*
 * credential: where the password of an account comes from. A source that is not there, or has no
 * password for the account, is passed over:
 *   the account's own password, or its command
 *   the file imbuca.ACCOUNT in $CREDENTIALS_DIRECTORY (systemd.exec(5))
 *   the keyring: secret-tool(1) with msmtp's attributes host, service smtp, user
 *   ~/.netrc, then netrc in the folder of the system's configuration
 *   the person at the terminal
 */
#ifndef SASL_CREDENTIAL_H
#define SASL_CREDENTIAL_H

#include "base/buf.h"
#include "base/err.h"

/* The longest password, in bytes. */
enum { SASL_CREDENTIAL_MAX = 4096 };

struct sasl_credential {
	const char *password; /* as it stands in the account, or NULL */
	const char *command;  /* a command for the shell that prints it, or NULL */
	const char *account;  /* the account's name */
	const char *host;     /* whom the password is for */
	const char *user;
	bool for_account; /* may what is kept for the account be used? */
	bool for_host;	  /* may what is kept for the host and user be used? */
};

/*
 * Appends the password to OUT, which the caller wipes: of a command or a file its first line. A
 * command has five minutes, since somebody may have to type a passphrase. Returns 1; 0 where no
 * source has one; -1 with EX_CONFIG where a command fails or prints nothing or others can read a
 * file, else as the sources say.
 */
int sasl_credential_get(const struct sasl_credential *credential, struct buf *out, struct err *e);

#endif
