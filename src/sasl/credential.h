/*
 * credential: where the password of an account comes from.
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
};

/*
 * Appends the password to OUT, which the caller wipes: the one that is there, else the first line
 * that the command prints, within five minutes (somebody may have to type a passphrase). -1 with
 * EX_CONFIG where there is neither, or the command fails or prints nothing.
 */
int sasl_credential_get(const struct sasl_credential *credential, struct buf *out, struct err *e);

#endif
