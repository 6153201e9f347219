/*
 * fingerprint: see fingerprint.h.
 */
#include <config.h>

#include <ctype.h>
#include <string.h>

#include "conf/fingerprint.h"

#include "base/banned.h"

static const char of_key[] = "spki:";

/* Digits of each hash that tools print. */
enum { MD5_DIGITS = 32, SHA1_DIGITS = 40, SHA256_DIGITS = 64 };

/* Copies the digits of TEXT to OUT, as far as there is room; returns how many, 0 for a bad byte. */
static size_t
copy_digits(struct slice text, char out[SHA256_DIGITS])
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c == ':' && n > 0 && n % 2 == 0)
			continue;
		if (!isxdigit(c) || n == SHA256_DIGITS)
			return 0;
		out[n++] = (char)tolower(c);
	}
	return n;
}

int
conf_fingerprint_parse(struct slice text, char out[CONF_FINGERPRINT_SIZE], struct err *e)
{
	size_t prefix = str_begins_nocase(text, of_key) ? strlen(of_key) : 0;
	struct slice digits = {text.ptr + prefix, text.len - prefix};
	size_t n;

	memset(out, 0, CONF_FINGERPRINT_SIZE);
	memcpy(out, of_key, prefix);
	n = copy_digits(digits, out + prefix);
	if (n == SHA256_DIGITS)
		return 0;
	(void)err_set(e, EX_CONFIG, "'%.*s' is no SHA-256 fingerprint", STR_ARGS(text));
	if (n != MD5_DIGITS && n != SHA1_DIGITS)
		return -1;
	return err_hint(e,
	    "those of %s can be forged; see `openssl x509 -noout -fingerprint -sha256`",
	    n == MD5_DIGITS ? "MD5" : "SHA-1");
}
