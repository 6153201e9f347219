/*
 * base64: see base64.h.
 */
#include <config.h>

#include <stdint.h>
#include <string.h>

#include "base/base64.h"

#include "base/banned.h"

#define DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static const char standard[] = DIGITS "+/", url[] = DIGITS "-_";

enum { MASK = 63 }; /* six bits, those of a digit */

/* Appends BYTES by the digits of ALPHABET; PAD fills the last four, '\0' leaves them short. */
static void
encode(struct buf *out, struct slice bytes, const char *alphabet, char pad)
{
	for (size_t i = 0; i < bytes.len; i += 3) {
		size_t digits = bytes.len - i < 3 ? bytes.len - i + 1 : 4;
		uint32_t bits = 0;

		for (size_t j = i; j < i + 3; j++)
			bits = bits << 8 | (j < bytes.len ? (unsigned char)bytes.ptr[j] : 0U);
		for (size_t j = 0; j < 4; j++) {
			if (j < digits)
				buf_addc(out, alphabet[bits >> (18 - 6 * j) & MASK]);
			else if (pad != '\0')
				buf_addc(out, pad);
		}
	}
}

void
base64_encode(struct buf *out, struct slice bytes)
{
	encode(out, bytes, standard, '=');
}

void
base64_encode_url(struct buf *out, struct slice bytes)
{
	encode(out, bytes, url, '\0');
}

/* The digits of TEXT: all of it but its padding, of which there may be two at the end. */
static struct slice
without_padding(struct slice text)
{
	for (int i = 0; i < 2 && text.len > 0 && text.ptr[text.len - 1] == '='; i++)
		text.len--;
	return text;
}

bool
base64_decode(struct buf *out, struct slice text)
{
	struct slice digits = without_padding(text);
	uint32_t bits = 0;
	unsigned filled = 0;

	if (text.len % 4 != 0)
		return false;
	for (size_t i = 0; i < digits.len; i++) {
		const char *digit = memchr(standard, digits.ptr[i], sizeof standard - 1);

		if (digit == NULL)
			return false;
		bits = bits << 6 | (uint32_t)(digit - standard);
		filled += 6;
		if (filled >= 8) {
			filled -= 8;
			buf_addc(out, (char)(bits >> filled & 0xff));
		}
	}
	return !out->full;
}
