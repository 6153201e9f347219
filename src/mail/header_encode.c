/*
 * header_encode: the part of header.h that makes encoded words (RFC 2047) and quoted phrases
 * (RFC 5322 3.2.4).
 */
#include <config.h>

#include <string.h>

#include "base/base64.h"
#include "mail/header.h"

#include "base/banned.h"

/* RFC 2047 2 allows 75; with 60 the first one fits the line of its field's name. */
enum { WORD_MAX = 60 };

/* What stands for itself in a word of any place (RFC 2047 5 (3)). */
static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!*+-/";

static bool
is_plain(char c)
{
	return c != '\0' && strchr(plain, c) != NULL;
}

/* The length that S has in the Q encoding. */
static size_t
q_length(struct slice s)
{
	size_t len = 0;

	for (size_t i = 0; i < s.len; i++)
		len += is_plain(s.ptr[i]) || s.ptr[i] == ' ' ? 1 : 3;
	return len;
}

static size_t
b_length(struct slice s)
{
	return (s.len + 2) / 3 * 4;
}

static void
q_add(struct buf *out, struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (is_plain(s.ptr[i]))
			buf_addc(out, s.ptr[i]);
		else if (s.ptr[i] == ' ')
			buf_addc(out, '_');
		else
			buf_addf(out, "=%02X", (unsigned int)(unsigned char)s.ptr[i]);
	}
}

static const struct encoding {
	char letter;
	size_t (*length)(struct slice s);
	void (*add)(struct buf *out, struct slice s);
} encodings[] = {
    {'Q', q_length, q_add},
    {'B', b_length, base64_encode},
};

/* As much of S, in whole characters where it is UTF-8, as ROOM takes in ENCODING; never nothing. */
static struct slice
head_that_fits(struct slice s, bool utf8, const struct encoding *encoding, size_t room)
{
	struct slice head = {s.ptr, 0};

	while (head.len < s.len) {
		struct slice longer = {s.ptr, head.len + 1};

		while (
		    utf8 && longer.len < s.len && ((unsigned char)s.ptr[longer.len] & 0xc0) == 0x80)
			longer.len++;
		if (head.len > 0 && encoding->length(longer) > room)
			break;
		head = longer;
	}
	return head;
}

/* Appends S as encoded words, in the shorter encoding; a tie is Q's, which people can read. */
static void
add_words(struct buf *out, struct slice s)
{
	bool utf8 = str_is_utf8(s);
	const char *charset = utf8 ? "utf-8" : "unknown-8bit";
	const struct encoding *encoding = &encodings[q_length(s) <= b_length(s) ? 0 : 1];
	size_t room = WORD_MAX -
		      strlen("=?"
			     "?Q?"
			     "?=") -
		      strlen(charset);

	while (s.len > 0) {
		struct slice head = head_that_fits(s, utf8, encoding, room);

		buf_addf(out, "=?%s?%c?", charset, encoding->letter);
		encoding->add(out, head);
		buf_adds(out, "?=");
		s.ptr += head.len;
		s.len -= head.len;
		if (s.len > 0)
			buf_addc(out, ' ');
	}
}

static bool
needs_words(struct slice text)
{
	return str_has_8bit(text) || str_find_control(text) < text.len;
}

void
mail_header_encode_text(struct buf *out, struct slice text)
{
	if (needs_words(text))
		add_words(out, text);
	else
		buf_add_slice(out, text);
}

/* Is TEXT, which is ASCII without controls, words of atext with single blanks between them? */
static bool
is_atoms(struct slice text)
{
	static const char specials[] = "()<>[]:;@\\,.\"";
	bool after_blank = true;

	for (size_t i = 0; i < text.len; i++) {
		bool blank = text.ptr[i] == ' ';

		if (blank ? after_blank : strchr(specials, text.ptr[i]) != NULL)
			return false;
		after_blank = blank;
	}
	return !after_blank;
}

void
mail_header_encode_phrase(struct buf *out, struct slice text)
{
	if (needs_words(text)) {
		add_words(out, text);
		return;
	}
	if (is_atoms(text)) {
		buf_add_slice(out, text);
		return;
	}
	buf_addc(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"' || text.ptr[i] == '\\')
			buf_addc(out, '\\');
		buf_addc(out, text.ptr[i]);
	}
	buf_addc(out, '"');
}
