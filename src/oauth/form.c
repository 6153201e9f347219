/*
 * form: see form.h.
 */
#include <config.h>

#include <string.h>

#include "oauth/form.h"

#include "base/banned.h"

/* RFC 3986 2.3: what needs no encoding. */
static const char unreserved[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

static void
encode(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c != '\0' && strchr(unreserved, c) != NULL)
			buf_addc(out, (char)c);
		else
			buf_addf(out, "%%%02X", (unsigned)c);
	}
}

void
oauth_form_add(struct buf *out, struct slice name, struct slice value)
{
	if (value.ptr == NULL)
		return;
	if (out->len > 0 && strchr("&?", out->data[out->len - 1]) == NULL)
		buf_addc(out, '&');
	encode(out, name);
	buf_addc(out, '=');
	encode(out, value);
}

/* The value of a hexadecimal digit, -1 for another byte. */
static int
digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)((at - digits) % 16) : -1;
}

static bool
decode(struct slice text, struct buf *out)
{
	size_t before = out->len;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c == '%') {
			int high = i + 2 < text.len ? digit(text.ptr[i + 1]) : -1;
			int low = high >= 0 ? digit(text.ptr[i + 2]) : -1;

			if (low < 0)
				return false;
			c = (char)(high * 16 + low);
			i += 2;
		}
		buf_addc(out, c == '+' && text.ptr[i] == '+' ? ' ' : c);
	}
	text = (struct slice){buf_text(out) + before, out->len - before};
	return !out->full && str_find_control(text) == text.len;
}

bool
oauth_form_find(struct slice form, const char *name, struct buf *out)
{
	while (form.ptr != NULL) {
		struct slice value = str_cut(&form, '&');

		if (str_is(str_cut(&value, '='), name))
			return value.ptr != NULL && decode(value, out);
	}
	return false;
}
