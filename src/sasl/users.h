/*
 * users: the file of those who may log in, a line a user:
 *
 *	NAME:{SCRAM-SHA-256}ITERATIONS,SALT,STOREDKEY,SERVERKEY
 *
 * Empty lines and those that begin with # are passed over. The file must be secret (see
 * file_check_secret). It is read anew at each look, so a change holds at once.
 */
#ifndef SASL_USERS_H
#define SASL_USERS_H

#include "base/err.h"
#include "base/str.h"
#include "sasl/verifier.h"

/*
 * Looks for NAME in FILE. Returns 1 and fills OUT; 0 where there is no such user; -1 with EX_CONFIG
 * for a file that others may read or a line that is no verifier, else as file_read.
 */
int sasl_users_find(const char *file, struct slice name, struct sasl_verifier *out, struct err *e);

/*
 * Gives NAME the password PASSWORD in FILE, which is made if missing and replaced at once, so that
 * no reader sees half of it. EX_DATAERR for a name that is empty, over 255 bytes, not UTF-8, begins
 * with # or holds a colon or a control byte.
 */
int sasl_users_set(const char *file, struct slice name, struct slice password, struct err *e);

#endif
