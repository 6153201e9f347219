/*
 * spf_macro: see spf_macro.h.
 */
#include <config.h>

#include <sys/socket.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "domain/spf_macro.h"

#include "base/banned.h"

enum { VALUE_MAX = 512, PARTS_MAX = 128 };

/* %{i}: an IPv6 address as its 32 digits with dots between (7.3). */
static bool
add_address(const char *address, struct buf *out)
{
	unsigned char bytes[16];

	if (inet_pton(AF_INET6, address, bytes) != 1) {
		buf_adds(out, address);
		return address[0] != '\0';
	}
	for (size_t i = 0; i < sizeof bytes; i++)
		buf_addf(out, "%s%x.%x", i > 0 ? "." : "", bytes[i] >> 4, bytes[i] & 15u);
	return true;
}

/* The value of the macro LETTER, as it is before it is transformed. */
static bool
add_value(const struct domain_spf_macro *m, char letter, struct buf *out)
{
	switch (letter) {
	case 's':
		buf_addf(out, "%s@%s", m->local, m->from);
		return true;
	case 'l':
		buf_adds(out, m->local);
		return true;
	case 'o':
		buf_adds(out, m->from);
		return true;
	case 'd':
		buf_adds(out, m->domain);
		return true;
	case 'h': /* our EHLO is not what the provider's will be; the domain stands for it */
		buf_adds(out, m->domain);
		return true;
	case 'i':
		return add_address(m->address, out);
	case 'v':
		buf_adds(out, strchr(m->address, ':') != NULL ? "ip6" : "in-addr");
		return m->address[0] != '\0';
	default:
		return false;
	}
}

/* Appends the last KEEP parts of VALUE, which DELIMITERS separate, turned round where REVERSE. */
static void
add_parts(struct slice value, const char *delimiters, uint64_t keep, bool reverse, struct buf *out)
{
	struct slice parts[PARTS_MAX];
	size_t count = 0, first;
	const char *begin = value.ptr;

	for (size_t i = 0; i <= value.len && count < PARTS_MAX; i++) {
		if (i < value.len && strchr(delimiters, value.ptr[i]) == NULL)
			continue;
		parts[count++] = str_range(begin, value.ptr + i);
		begin = value.ptr + i + 1;
	}
	first = keep < count ? count - (size_t)keep : 0;
	for (size_t i = first; i < count; i++) {
		size_t at = reverse ? count - 1 - i : i;

		buf_adds(out, i > first ? "." : "");
		buf_add_slice(out, parts[at]);
	}
}

/* BODY is what stands between the braces: letter, digits, "r", delimiters. */
static bool
expand(const struct domain_spf_macro *m, struct slice body, struct buf *out)
{
	struct buf value = BUF_INIT(VALUE_MAX);
	char delimiters[16] = ".";
	uint64_t keep = PARTS_MAX;
	size_t at = 1, digits;
	bool reverse, good;

	if (body.len == 0)
		return false;
	for (digits = at; digits < body.len && isdigit((unsigned char)body.ptr[digits]); digits++)
		continue;
	good = digits == at ||
	       str_number(str_range(body.ptr + at, body.ptr + digits), 1, PARTS_MAX, &keep);
	at = digits;
	reverse = at < body.len && (body.ptr[at] == 'r' || body.ptr[at] == 'R');
	at += reverse ? 1 : 0;
	for (size_t i = at; i < body.len; i++)
		good = good && strchr(".-+,/_=", body.ptr[i]) != NULL;
	if (at < body.len)
		good = good && str_copy(delimiters, sizeof delimiters,
				   str_range(body.ptr + at, body.ptr + body.len));
	good =
	    good && add_value(m, (char)tolower((unsigned char)body.ptr[0]), &value) && !value.full;
	if (good)
		add_parts(buf_slice(&value), delimiters, keep, reverse, out);
	buf_free(&value);
	return good;
}

bool
domain_spf_macro_expand(const struct domain_spf_macro *m, struct slice text, struct buf *out)
{
	static const struct {
		char sign;
		const char *text;
	} plain[] = {{'%', "%"}, {'_', " "}, {'-', "%20"}};

	for (size_t i = 0; i < text.len; i++) {
		struct slice rest = str_range(text.ptr + i, text.ptr + text.len), body;
		size_t p = 0;

		if (text.ptr[i] != '%') {
			buf_addc(out, text.ptr[i]);
			continue;
		}
		while (p < 3 && (rest.len < 2 || plain[p].sign != rest.ptr[1]))
			p++;
		if (p < 3) {
			buf_adds(out, plain[p].text);
			i++;
			continue;
		}
		body = str_range(rest.ptr + (rest.len < 2 ? rest.len : 2), rest.ptr + rest.len);
		if (rest.len < 2 || rest.ptr[1] != '{' || str_find(body, '}') == body.len)
			return false;
		body.len = str_find(body, '}');
		if (!expand(m, body, out))
			return false;
		i += body.len + 2;
	}
	return !out->full;
}
