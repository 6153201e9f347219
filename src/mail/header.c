/*
 * header: see header.h. Encoded words are in header_encode.c.
 */
#include <config.h>

#include <string.h>

#include "mail/header.h"

#include "base/banned.h"

enum { FOLD_AT = 78 }; /* columns: RFC 5322 2.1.1 */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

size_t
mail_header_name(struct slice line)
{
	size_t len = 0;
	size_t at;

	while (
	    len < line.len && line.ptr[len] > 0x20 && line.ptr[len] < 0x7f && line.ptr[len] != ':')
		len++;
	at = len;
	while (at < line.len && is_blank(line.ptr[at]))
		at++;
	return at < line.len && line.ptr[at] == ':' ? len : 0;
}

bool
mail_header_next(struct slice *rest, struct mail_header_field *out)
{
	struct slice s = *rest;
	size_t len = 0;

	if (s.len == 0)
		return false;
	do {
		struct slice tail = {s.ptr + len, s.len - len};
		size_t line = str_find(tail, '\n');

		len += line < tail.len ? line + 1 : line;
	} while (len < s.len && is_blank(s.ptr[len]));
	out->raw = (struct slice){s.ptr, len};
	out->value = out->raw;
	out->name = (struct slice){s.ptr, mail_header_name(out->raw)};
	if (out->name.len > 0)
		(void)str_cut(&out->value, ':');
	out->value = str_trim(out->value);
	*rest = (struct slice){s.ptr + len, s.len - len};
	return true;
}

bool
mail_header_find(struct slice header, const char *name, struct mail_header_field *out)
{
	while (mail_header_next(&header, out)) {
		if (str_is_nocase(out->name, name))
			return true;
	}
	return false;
}

void
mail_header_unfold(struct buf *out, struct slice value)
{
	for (size_t i = 0; i < value.len; i++) {
		if (value.ptr[i] != '\r' && value.ptr[i] != '\n')
			buf_addc(out, value.ptr[i]);
	}
}

/* The length of what S begins with: blanks, and the bytes behind them up to the next blank. */
static size_t
word_length(struct slice s)
{
	size_t len = 0;

	while (len < s.len && is_blank(s.ptr[len]))
		len++;
	while (len < s.len && !is_blank(s.ptr[len]))
		len++;
	return len;
}

int
mail_header_write(struct buf *out, const char *name, struct slice value, struct err *e)
{
	size_t column = strlen(name) + 1;

	for (size_t i = 0; i < value.len; i++) {
		if (value.ptr[i] != '\t' && str_find_control((struct slice){value.ptr + i, 1}) == 0)
			return err_set(e, EX_DATAERR, "the value of %s has a control byte: '%.*s'",
			    name, STR_ARGS(value));
	}
	buf_adds(out, name);
	buf_addc(out, ':');
	value = str_trim(value);
	for (bool first = true; value.len > 0; first = false) {
		size_t len = word_length(value);

		if (first) {
			buf_addc(out, ' ');
			column++;
		} else if (column + len > FOLD_AT) {
			buf_adds(out, "\r\n");
			column = 0;
		}
		buf_add(out, value.ptr, len);
		column += len;
		value.ptr += len;
		value.len -= len;
	}
	buf_adds(out, "\r\n");
	return 0;
}

/* Where LINE, which is too long, is folded: before its last blank that is in reach and has text
 * before it. 0 where there is none. */
static size_t
fold_place(struct slice line)
{
	size_t text = 0;
	size_t at = MAIL_HEADER_LINE_MAX;

	while (text < line.len && is_blank(line.ptr[text]))
		text++;
	while (at > text && !is_blank(line.ptr[at]))
		at--;
	return at > text ? at : 0;
}

size_t
mail_header_refold(struct buf *out, struct slice raw)
{
	size_t longest = 0;

	while (raw.len > 0) {
		struct slice line = str_cut(&raw, '\n');
		size_t fold;

		if (line.len > 0 && line.ptr[line.len - 1] == '\r')
			line.len--;
		/* Blanks at its end would be all that a folded line has. */
		while (line.len > MAIL_HEADER_LINE_MAX && is_blank(line.ptr[line.len - 1]))
			line.len--;
		while (line.len > MAIL_HEADER_LINE_MAX && (fold = fold_place(line)) > 0) {
			buf_add(out, line.ptr, fold);
			buf_adds(out, "\r\n");
			line.ptr += fold;
			line.len -= fold;
		}
		buf_add_slice(out, line);
		buf_adds(out, "\r\n");
		longest = line.len > longest ? line.len : longest;
	}
	return longest;
}

void
mail_header_write_mailbox(struct buf *out, struct slice display, const struct mail_address *address)
{
	if (display.len > 0) {
		mail_header_encode_phrase(out, display);
		buf_addc(out, ' ');
	}
	buf_addc(out, '<');
	mail_address_write(out, address);
	buf_addc(out, '>');
}
