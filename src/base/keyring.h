/*
 * keyring: the user's keyring (the Secret Service), through secret-tool(1), so that its library is
 * not in this program. A secret is found by the service that it is for, the host and the user:
 * msmtp's attributes.
 */
#ifndef BASE_KEYRING_H
#define BASE_KEYRING_H

#include "base/buf.h"
#include "base/err.h"

/* Whose secret: all are words of the keyring's attributes. */
struct keyring_key {
	const char *service; /* "smtp" for a password, as msmtp has it */
	const char *host;
	const char *user;
};

/* Is there a session bus, over which a keyring could be asked? */
bool keyring_is_there(void);

/*
 * Appends the secret of KEY to OUT, which the caller wipes in any case; a text, whose last line end
 * is dropped. 1 where there is one; 0 where there is none, or nobody unlocked it; -1 with
 * EX_TEMPFAIL where it cannot be asked: without a session bus, secret-tool, or an answer in five
 * minutes.
 */
int keyring_find(const struct keyring_key *key, struct buf *out, struct err *e);

/* Keeps SECRET for KEY in place of what was there; people see it as LABEL. -1 with EX_TEMPFAIL. */
int keyring_keep(
    const struct keyring_key *key, const char *label, struct slice secret, struct err *e);

/* Forgets the secret of KEY; that there is none is fine. -1 with EX_TEMPFAIL. */
int keyring_forget(const struct keyring_key *key, struct err *e);

#endif
