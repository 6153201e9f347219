/*
 * users: the file of those who may log in, a line a user:
 *
 *	NAME:{SCRAM-SHA-256}ITERATIONS,SALT,STOREDKEY,SERVERKEY
 *	NAME:$6$SALT$HASH
 *
 * a verifier (sasl/verifier.h) or a hash of crypt(3) (sasl/hash.h); what a line has behind another
 * colon, as in other servers' files, is not looked at.
 * Empty lines and those that begin with # are passed over. The file must be secret (see
 * file_check_secret). It is read anew at each look, so a change holds at once.
 */
#ifndef SASL_USERS_H
#define SASL_USERS_H

#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "sasl/hash.h"
#include "sasl/verifier.h"

/* What a user's password is checked by. */
struct sasl_user {
	char hash[SASL_HASH_SIZE]; /* "" where there is a verifier */
	struct sasl_verifier verifier;
};

/*
 * Looks for NAME in FILE. Returns 1 and fills OUT; 0 where there is no such user, with the first
 * hash of the file in OUT, for a check that takes as long; -1 with EX_CONFIG for a file that others
 * may read or a line that is neither verifier nor hash, else as file_read.
 */
int sasl_users_find(const char *file, struct slice name, struct sasl_user *out, struct err *e);

/*
 * Tells EACH what is wrong with FILE, which the user UID reads: EX_CONFIG with file and line for
 * each line that is neither, else as sasl_users_find.
 */
void sasl_users_check(const char *file, uid_t uid,
    void (*each)(void *context, const struct err *fault), void *context);

/* Has somebody in FILE a hash, and so no login by SCRAM? False also where it can't be read. */
bool sasl_users_have_hashes(const char *file);

/*
 * Gives NAME the password PASSWORD in FILE, which is made if missing and replaced at once, so that
 * no reader sees half of it. EX_DATAERR for a name that is empty, over 255 bytes, not UTF-8, begins
 * with # or holds a colon or a control byte.
 */
int sasl_users_set(const char *file, struct slice name, struct slice password, struct err *e);

/*
 * The same by root for the user UID, of the group GID, who reads FILE: a new one is root's, and the
 * group may read it; one that UID can read keeps owner, group and mode.
 */
int sasl_users_set_for(const char *file, uid_t uid, gid_t gid, struct slice name,
    struct slice password, struct err *e);

#endif
