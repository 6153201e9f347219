/*
 * fingerprint: the SHA-256 fingerprint of a certificate, or after `spki:` of its public key
 * (SubjectPublicKeyInfo), as tools write it: 64 hexadecimal digits, with colons between the bytes
 * or without.
 */
#ifndef CONF_FINGERPRINT_H
#define CONF_FINGERPRINT_H

#include "base/err.h"
#include "base/str.h"

/* `spki:`, the digits, the NUL. */
enum { CONF_FINGERPRINT_SIZE = 5 + 64 + 1 };

/*
 * Writes TEXT into OUT in the one form that is compared: lower case, no colons. -1 with EX_CONFIG
 * for what is none, and for SHA-1 and MD5, which can be forged.
 */
int conf_fingerprint_parse(struct slice text, char out[CONF_FINGERPRINT_SIZE], struct err *e);

#endif
