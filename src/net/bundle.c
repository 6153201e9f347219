/*
 * bundle: see bundle.h.
 */
#include <config.h>

#include <string.h>
#include <unistd.h>

#include "net/bundle.h"

#include "base/banned.h"

enum { DECODED_MAX = 8 << 10 }; /* a larger certificate counts as wanted */

const char *
net_bundle_of_system(void)
{
	static const char *const files[] = {
	    "/etc/ssl/certs/ca-certificates.crt",
	    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
	    "/etc/ssl/ca-bundle.pem",
	    "/etc/ssl/cert.pem",
	};

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		if (access(files[i], R_OK) == 0)
			return files[i];
	}
	return NULL;
}

/* The value of each base64 digit and 1, 0 for what is none. */
static void
make_digits(unsigned char digits[256])
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	memset(digits, 0, 256);
	for (size_t i = 0; i < sizeof alphabet - 1; i++)
		digits[(unsigned char)alphabet[i]] = (unsigned char)(i + 1);
}

/*
 * Decodes the base64 TEXT as far as OUT has room; what is no digit is passed over. Returns the
 * bytes. GnuTLS decodes what is used; here every root of a system goes through.
 */
static size_t
decode(const unsigned char digits[256], struct slice text, unsigned char out[DECODED_MAX])
{
	uint32_t bits = 0;
	unsigned filled = 0;
	size_t len = 0;

	for (size_t i = 0; i < text.len && len < DECODED_MAX; i++) {
		unsigned char digit = digits[(unsigned char)text.ptr[i]];

		if (digit == 0)
			continue;
		bits = bits << 6 | (uint32_t)(digit - 1);
		filled += 6;
		if (filled >= 8) {
			filled -= 8;
			out[len++] = (unsigned char)(bits >> filled);
		}
	}
	return len;
}

/* Cuts the next PEM block off *REST; false where there is none. BODY is what it encodes. */
static bool
next_block(struct slice *rest, struct slice *block, struct slice *body)
{
	static const char open[] = "-----BEGIN ", shut[] = "-----END ", dashes[] = "-----";
	const char *end_of_text = rest->ptr + rest->len;
	const char *begin = memmem(rest->ptr, rest->len, open, sizeof open - 1);
	const char *data, *end, *after;

	if (begin == NULL)
		return false;
	data = memchr(begin, '\n', (size_t)(end_of_text - begin));
	end =
	    data != NULL ? memmem(data, (size_t)(end_of_text - data), shut, sizeof shut - 1) : NULL;
	if (end == NULL)
		return false;
	after = memmem(end + sizeof shut - 1, (size_t)(end_of_text - end) - (sizeof shut - 1),
	    dashes, sizeof dashes - 1);
	if (after == NULL)
		return false;
	after += sizeof dashes - 1;
	*block = str_range(begin, after);
	*body = str_range(data, end);
	*rest = str_range(after, end_of_text);
	return true;
}

bool
net_bundle_holds(struct slice der, const struct net_bundle_names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		if (memmem(der.ptr, der.len, names->name[i].ptr, names->name[i].len) != NULL)
			return true;
	}
	return false;
}

bool
net_bundle_next(struct slice *pem, const struct net_bundle_names *names, struct slice *block)
{
	unsigned char digits[256], der[DECODED_MAX];
	struct slice body;

	make_digits(digits);
	while (pem->len > 0 && next_block(pem, block, &body)) {
		size_t len = decode(digits, body, der);

		if (len == DECODED_MAX ||
		    net_bundle_holds((struct slice){(const char *)der, len}, names))
			return true;
	}
	return false;
}
