/*
 * hash: a password as crypt(3) keeps it ("$y$...", "$2y$...", "$6$..."), such as other servers'
 * files of users have it. It checks PLAIN and LOGIN, and nothing else.
 *
 * libcrypt is loaded when the first hash is checked: by the process that checks logins, and by no
 * other.
 */
#ifndef SASL_HASH_H
#define SASL_HASH_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

enum { SASL_HASH_SIZE = 384 }; /* bytes, the NUL included: crypt(5) */

/* Reads TEXT, a hash that begins with `$`, perhaps with Dovecot's word for its kind before it
 * ("{BLF-CRYPT}"), into OUT. False where it is none. */
bool sasl_hash_parse(struct slice text, char out[SASL_HASH_SIZE]);

/* Is PASSWORD the one that HASH was made of? It takes as long as the hash wants. 1 or 0; -1 with
 * EX_CONFIG where this machine's libcrypt does not know such hashes. */
int sasl_hash_check(const char *hash, struct slice password, struct err *e);

#endif
