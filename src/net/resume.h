/*
 * resume: TLS sessions that were verified, kept from one run to the next.
 *
 * Whoever takes up a session again trusts the server as much as whoever began it. So a session is
 * found only by the same user, for the same server and with the same settings, none of whose files
 * has changed since; it is used once, and never later than its first verification allows. It holds
 * a key: a file that others can read, or that is not whole, is none.
 *
 * Sessions lie in imbuca/tls below $XDG_CACHE_HOME. They can be deleted at any time, and whatever
 * goes wrong with them only means a full handshake: nothing here fails.
 */
#ifndef NET_RESUME_H
#define NET_RESUME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

struct net_tls_params;

/* The longest session, in bytes, and the longest time that one is kept, in seconds. */
enum { NET_RESUME_MAX = 64 << 10, NET_RESUME_SECONDS = 24 * 60 * 60 };

/* The place of one server's session. */
struct net_resume;

/*
 * The place for a session by PARAMS, with their files as they are now. LIBRARY is the version of
 * the library that made the session, POLICY the system's file of what is allowed, or NULL. NULL
 * where none may be kept: PARAMS name no destination or want nothing verified, there is no home,
 * or nobody could tell whether the system's roots have changed. Freed by net_resume_free.
 */
struct net_resume *net_resume_new(
    const struct net_tls_params *params, const char *library, const char *policy);

/*
 * Takes the session away from its place, appends it to SESSION, which the caller wipes, and says in
 * *UNTIL (seconds of the epoch) how long it may be kept again. False where there is none to use.
 */
bool net_resume_take(const struct net_resume *r, struct buf *session, int64_t *until);

/* Keeps SESSION, whose verification holds UNTIL then, in place of an earlier one. */
void net_resume_keep(const struct net_resume *r, struct slice session, int64_t until);

/* NULL is allowed. */
void net_resume_free(struct net_resume *r);

#endif
