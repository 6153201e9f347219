/*
 * str: see str.h.
 */
#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/str.h"

#include "base/banned.h"

struct slice
str_slice(const char *text)
{
	return (struct slice){text, text != NULL ? strlen(text) : 0};
}

struct slice
str_range(const char *begin, const char *end)
{
	return (struct slice){begin, (size_t)(end - begin)};
}

bool
str_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool
str_equal_nocase(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || strncasecmp(a.ptr, b.ptr, a.len) == 0);
}

bool
str_is(struct slice s, const char *text)
{
	return str_equal(s, str_slice(text));
}

bool
str_is_nocase(struct slice s, const char *text)
{
	return str_equal_nocase(s, str_slice(text));
}

bool
str_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool
str_begins_nocase(struct slice s, const char *text)
{
	struct slice front = str_slice(text);

	return s.len >= front.len && str_equal_nocase((struct slice){s.ptr, front.len}, front);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* On a mismatch the last `*` takes one byte more: no recursion is needed. */
bool
str_match(struct slice s, struct slice pattern)
{
	size_t t = 0, p = 0;
	size_t star = SIZE_MAX, retry = 0;

	while (t < s.len) {
		if (p < pattern.len && pattern.ptr[p] == '*') {
			star = p++;
			retry = t;
		} else if (p < pattern.len &&
			   (pattern.ptr[p] == '?' || lower(pattern.ptr[p]) == lower(s.ptr[t]))) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			t = ++retry;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.ptr[p] == '*')
		p++;
	return p == pattern.len;
}

struct slice
str_trim(struct slice s)
{
	while (s.len > 0 && is_blank(s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

struct slice
str_whole_lines(struct slice text)
{
	size_t len = text.len;

	while (len > 0 && text.ptr[len - 1] != '\n')
		len--;
	return (struct slice){text.ptr, len > 0 ? len : text.len};
}

struct slice
str_cut(struct slice *rest, char separator)
{
	size_t at = str_find(*rest, separator);
	struct slice head = {rest->ptr, at};

	if (at == rest->len)
		*rest = (struct slice){NULL, 0};
	else
		*rest = (struct slice){rest->ptr + at + 1, rest->len - at - 1};
	return head;
}

bool
str_has_word(struct slice list, char separator, const char *word)
{
	while (list.ptr != NULL) {
		if (str_is_nocase(str_trim(str_cut(&list, separator)), word))
			return true;
	}
	return false;
}

bool
str_number(struct slice s, uint64_t min, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		uint64_t digit = (uint64_t)(unsigned char)s.ptr[i] - '0';

		if (digit > 9 || value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (value < min || value > max)
		return false;
	*out = value;
	return true;
}

size_t
str_find(struct slice s, char c)
{
	const char *at = s.len > 0 ? memchr(s.ptr, c, s.len) : NULL;

	return at != NULL ? (size_t)(at - s.ptr) : s.len;
}

static bool
is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

size_t
str_find_control(struct slice s)
{
	size_t i = 0;

	while (i < s.len && !is_control((unsigned char)s.ptr[i]))
		i++;
	return i;
}

/*
 * Decodes the UTF-8 character at the start of S, which is not empty. Returns its length in bytes,
 * 0 for bytes that are not UTF-8 (RFC 3629, section 4).
 */
static size_t
utf8_decode(struct slice s, uint32_t *out)
{
	static const struct {
		unsigned char mask, lead;
		size_t len;
		uint32_t min;
	} forms[] = {
	    {0x80, 0x00, 1, 0},
	    {0xe0, 0xc0, 2, 0x80},
	    {0xf0, 0xe0, 3, 0x800},
	    {0xf8, 0xf0, 4, 0x10000},
	};
	unsigned char first = (unsigned char)s.ptr[0];

	for (size_t f = 0; f < sizeof forms / sizeof forms[0]; f++) {
		uint32_t c = first & (unsigned char)~forms[f].mask;

		if ((first & forms[f].mask) != forms[f].lead)
			continue;
		if (s.len < forms[f].len)
			return 0;
		for (size_t i = 1; i < forms[f].len; i++) {
			unsigned char next = (unsigned char)s.ptr[i];

			if ((next & 0xc0) != 0x80)
				return 0;
			c = c << 6 | (next & 0x3f);
		}
		if (c < forms[f].min || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
			return 0;
		*out = c;
		return forms[f].len;
	}
	return 0;
}

bool
str_is_utf8(struct slice s)
{
	uint32_t c;

	while (s.len > 0) {
		size_t n = utf8_decode(s, &c);

		if (n == 0)
			return false;
		s.ptr += n;
		s.len -= n;
	}
	return true;
}

bool
str_has_8bit(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.ptr[i] > 0x7f)
			return true;
	}
	return false;
}

bool
str_copy(char *out, size_t size, struct slice s)
{
	size_t n = s.len < size ? s.len : size - 1;

	if (n > 0)
		memcpy(out, s.ptr, n);
	out[n] = '\0';
	return n == s.len;
}

/* Is C a character that a terminal obeys, or that turns the writing direction? */
static bool
is_unsafe(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
	    {0x00, 0x1f},
	    {0x7f, 0x9f},
	    {0x200e, 0x200f},
	    {0x2028, 0x202e},
	    {0x2066, 0x2069},
	};

	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	}
	return false;
}

/* The two digits of BYTE. */
static char *
add_hex(char *out, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	*out++ = digits[byte >> 4];
	*out++ = digits[byte & 15];
	return out;
}

void
str_hex(char *out, const void *ptr, size_t n)
{
	const unsigned char *bytes = ptr;

	for (size_t i = 0; i < n; i++)
		out = add_hex(out, bytes[i]);
	*out = '\0';
}

size_t
str_escape(char *out, size_t size, struct slice s)
{
	size_t len = 0;

	/* Most text is printable ASCII, at least at its front. */
	for (; s.len > 0 && s.ptr[0] >= ' ' && s.ptr[0] < 0x7f && len + 1 < size; s.len--)
		out[len++] = *s.ptr++;
	while (s.len > 0) {
		uint32_t c = 0;
		size_t n = utf8_decode(s, &c);
		bool plain = n > 0 && !is_unsafe(c);

		if (n == 0)
			n = 1;
		if (len + (plain ? n : 4 * n) >= size)
			break;
		for (size_t i = 0; i < n; i++) {
			unsigned char byte = (unsigned char)s.ptr[i];

			if (plain) {
				out[len++] = s.ptr[i];
				continue;
			}
			out[len++] = '\\';
			out[len++] = 'x';
			(void)add_hex(out + len, byte);
			len += 2;
		}
		s.ptr += n;
		s.len -= n;
	}
	out[len] = '\0';
	return len;
}
