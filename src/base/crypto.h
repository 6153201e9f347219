/*
 * crypto: SHA-256 and what is made of it, the length of public keys, and a certificate for a server
 * that has none. GnuTLS is behind it.
 */
#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* Bytes of a SHA-1 and a SHA-256 value. */
enum { CRYPTO_SHA1_SIZE = 20, CRYPTO_SHA256_SIZE = 32 };

/* SHA-256 (FIPS 180-4) of DATA, and HMAC with it (RFC 2104). -1 with EX_SOFTWARE. */
int crypto_sha256(struct slice data, unsigned char out[CRYPTO_SHA256_SIZE], struct err *e);
int crypto_hmac_sha256(
    struct slice key, struct slice data, unsigned char out[CRYPTO_SHA256_SIZE], struct err *e);

/*
 * PBKDF2 with HMAC-SHA-1 or HMAC-SHA-256 (RFC 8018 5.2), one block: the salted password of
 * SCRAM-SHA-1 (RFC 5802) and SCRAM-SHA-256 (RFC 7677). ITERATIONS is at least 1; time grows with
 * it, so the caller bounds what comes from outside. -1 with EX_SOFTWARE.
 */
int crypto_pbkdf2_sha1(struct slice password, struct slice salt, uint32_t iterations,
    unsigned char out[CRYPTO_SHA1_SIZE], struct err *e);
int crypto_pbkdf2_sha256(struct slice password, struct slice salt, uint32_t iterations,
    unsigned char out[CRYPTO_SHA256_SIZE], struct err *e);

/*
 * The length in bits of the public key whose base64, blanks in it or not, is TEXT: of an RSA key as
 * a SubjectPublicKeyInfo (RFC 5280 4.1), of an Ed25519 key as its 32 bytes (RFC 8032). 0 where it
 * is none.
 */
unsigned crypto_rsa_key_bits(struct slice text);
unsigned crypto_ed25519_key_bits(struct slice text);

/*
 * Makes an ECDSA P-256 key and a certificate that it signs itself, valid from yesterday for ten
 * years, for HOST, localhost, 127.0.0.1 and ::1. Appends both as PEM; CERTIFICATE and KEY should
 * have a maximum of 16 KiB. -1 with EX_SOFTWARE.
 */
int crypto_make_certificate(
    const char *host, struct buf *certificate, struct buf *key, struct err *e);

#endif
