/*
 * xtext: see xtext.h.
 */
#include <config.h>

#include "mail/xtext.h"

#include "base/banned.h"

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
mail_xtext_decode(struct slice s, char *out, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (c == '+') {
			int high = i + 2 < s.len ? hex_value(s.ptr[i + 1]) : -1;
			int low = i + 2 < s.len ? hex_value(s.ptr[i + 2]) : -1;

			if (high < 0 || low < 0)
				return false;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '=' || c == ' ') {
			return false;
		}
		if (len + 1 >= size)
			return false;
		out[len++] = c;
	}
	out[len] = '\0';
	s = (struct slice){out, len};
	return len > 0 && str_find_control(s) == len && str_is_utf8(s);
}

void
mail_xtext_write(struct buf *out, const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '+' || *c == '=' || *c == 0x7f || (*c >= 0 && *c <= ' '))
			buf_addf(out, "+%02X", (unsigned)(unsigned char)*c);
		else
			buf_addc(out, *c);
	}
}
