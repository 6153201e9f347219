/*
 * verifier: what a server keeps in the place of a password, RFC 5802 3 with SHA-256 (RFC 7677). It
 * is enough to check a login by SCRAM-SHA-256, PLAIN or LOGIN, and no use for logging in. As text
 *
 *	{SCRAM-SHA-256}ITERATIONS,SALT,STOREDKEY,SERVERKEY
 *
 * the last three in base64 (the form that Dovecot has in its passdb).
 */
#ifndef SASL_VERIFIER_H
#define SASL_VERIFIER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/str.h"

enum {
	SASL_VERIFIER_ITERATIONS_MIN = 4096, /* RFC 7677 4 */
	SASL_VERIFIER_ITERATIONS_MAX = 1000000,
	SASL_VERIFIER_SALT_MAX = 64, /* bytes */
};

struct sasl_verifier {
	uint32_t iterations;
	unsigned char salt[SASL_VERIFIER_SALT_MAX];
	size_t salt_len;
	unsigned char stored_key[CRYPTO_SHA256_SIZE];
	unsigned char server_key[CRYPTO_SHA256_SIZE];
};

/*
 * Makes the verifier of PASSWORD, with a new salt. -1 with EX_DATAERR for a password that is empty,
 * or holds control bytes or what SASLprep (RFC 4013, with the Unicode of 2002: no emoji) refuses;
 * EX_OSERR or EX_SOFTWARE.
 */
int sasl_verifier_make(struct slice password, struct sasl_verifier *out, struct err *e);

/*
 * Makes a verifier for NAME that no password fits, always the same one for the same NAME and
 * SECRET: with it, a login of an unknown user looks, and takes as long, as one with a wrong
 * password.
 */
int sasl_verifier_decoy(
    struct slice name, struct slice secret, struct sasl_verifier *out, struct err *e);

/* Reads TEXT. Returns whether it is a verifier, within the limits above. */
bool sasl_verifier_parse(struct slice text, struct sasl_verifier *out);

/* Appends V as text. */
void sasl_verifier_write(struct buf *b, const struct sasl_verifier *v);

/* Is PASSWORD the one that V was made of? -1 with EX_SOFTWARE, else 1 or 0. */
int sasl_verifier_check(const struct sasl_verifier *v, struct slice password, struct err *e);

#endif
