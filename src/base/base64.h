/*
 * base64: bytes as text (RFC 4648), for encoded words (RFC 2047), logins (RFC 4954) and OAuth2.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buf.h"

/* Appends BYTES in base64 (RFC 4648 4) to OUT, padded. */
void base64_encode(struct buf *out, struct slice bytes);

/* The same with the alphabet for addresses, and without padding (RFC 4648 5). */
void base64_encode_url(struct buf *out, struct slice bytes);

/*
 * Appends the bytes of TEXT, which is base64 with its padding and nothing else, no line end either.
 * False where it is not, or where OUT is full.
 */
bool base64_decode(struct buf *out, struct slice text);

#endif
