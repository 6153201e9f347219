/*
 * store: where tokens are kept: a file for each user of a mail server, 0600, in
 * $XDG_STATE_HOME/imbuca/tokens/ (for a service of systemd's in $STATE_DIRECTORY/tokens/), or the
 * keyring. What is kept for one server is never found for another.
 */
#ifndef OAUTH_STORE_H
#define OAUTH_STORE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "oauth/client.h"
#include "oauth/token.h"

/* Appends where C's token is kept, for a person: the file's name, or "the keyring". */
void oauth_store_name(const struct oauth_client *c, struct buf *out);

/* Appends the command that gets C another token; a service's is for its administrator to run. */
void oauth_store_command(const struct oauth_client *c, struct buf *out);

/*
 * Reads C's token into T, which is empty. Returns 1; 0 where none is kept; -1 with EX_CONFIG where
 * it is damaged or others can read it, EX_TEMPFAIL where the keyring cannot be asked.
 */
int oauth_store_load(const struct oauth_client *c, struct oauth_token *t, struct err *e);

/* Keeps T for C, in place of what was kept; a crash leaves the one or the other. */
int oauth_store_save(const struct oauth_client *c, const struct oauth_token *t, struct err *e);

/* Forgets C's token. 1 where there was one, 0 where not. */
int oauth_store_remove(const struct oauth_client *c, struct err *e);

/*
 * Waits, a minute at most, until nobody else changes C's token. Returns a descriptor, whose closing
 * lets the next one in; -1 with EX_TEMPFAIL, or EX_CANTCREAT where tokens cannot be kept.
 */
int oauth_store_lock(const struct oauth_client *c, struct err *e);

/* When C's token was put into its file, in seconds since the epoch; 0 where there is no file. */
int64_t oauth_store_time(const struct oauth_client *c);

/*
 * Root, where $STATE_DIRECTORY names a service whose folder of tokens is another user's, becomes
 * that user for good: so what is kept there is that one's, and nothing of root's is at stake. Does
 * nothing else. -1 with EX_OSERR.
 */
int oauth_store_enter(struct err *e);

#endif
