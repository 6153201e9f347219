/*
 * path: see path.h. Each take_ function takes what it is named after off the front of *TEXT and
 * returns whether it was there.
 */
#include <config.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <string.h>

#include "smtp/path.h"

#include "base/banned.h"

static void
advance(struct slice *text, size_t n)
{
	text->ptr += n;
	text->len -= n;
}

static bool
take_char(struct slice *text, char c)
{
	if (text->len == 0 || text->ptr[0] != c)
		return false;
	advance(text, 1);
	return true;
}

/* atext of RFC 5322 3.2.3, and anything that isn't ASCII (checked to be UTF-8 as a whole). */
static bool
is_atext(char c)
{
	return (unsigned char)c > 0x7f || isalnum((unsigned char)c) ||
	       (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

static bool
is_label(char c)
{
	return (unsigned char)c > 0x7f || isalnum((unsigned char)c) || c == '-' || c == '_';
}

/* Words of bytes that IS_PART likes, with a dot between each two. */
static bool
take_dotted(struct slice *text, bool (*is_part)(char c))
{
	do {
		size_t n = 0;

		while (n < text->len && is_part(text->ptr[n]))
			n++;
		if (n == 0)
			return false;
		advance(text, n);
	} while (take_char(text, '.'));
	return true;
}

static bool
take_quoted(struct slice *text)
{
	if (!take_char(text, '"'))
		return false;
	while (text->len > 0 && text->ptr[0] != '"') {
		if (take_char(text, '\\') && text->len == 0)
			return false;
		advance(text, 1);
	}
	return take_char(text, '"');
}

static bool
take_local(struct slice *text)
{
	return text->len > 0 && text->ptr[0] == '"' ? take_quoted(text)
						    : take_dotted(text, is_atext);
}

/* [192.0.2.1] or [IPv6:2001:db8::1] */
static bool
take_literal(struct slice *text)
{
	struct slice inside = {text->ptr + 1, 0};
	char address[INET6_ADDRSTRLEN];
	struct in6_addr number;
	int family = AF_INET;

	if (!take_char(text, '['))
		return false;
	inside.len = str_find(*text, ']');
	advance(text, inside.len);
	if (str_begins_nocase(inside, "IPv6:")) {
		family = AF_INET6;
		advance(&inside, strlen("IPv6:"));
	}
	return take_char(text, ']') && str_copy(address, sizeof address, inside) &&
	       inet_pton(family, address, &number) == 1;
}

static bool
take_domain(struct slice *text)
{
	return text->len > 0 && text->ptr[0] == '[' ? take_literal(text)
						    : take_dotted(text, is_label);
}

/* @one,@two: */
static bool
take_route(struct slice *text)
{
	do {
		if (!take_char(text, '@') || !take_domain(text))
			return false;
	} while (take_char(text, ','));
	return take_char(text, ':');
}

/* local, or local@domain; keeps it in OUT. */
static bool
take_mailbox(struct slice *text, struct smtp_path *out)
{
	const char *begin = text->ptr;
	struct slice all;

	if (!take_local(text))
		return false;
	out->local = (size_t)(text->ptr - begin);
	if (take_char(text, '@') && !take_domain(text))
		return false;
	all = str_range(begin, text->ptr);
	return str_find_control(all) == all.len && str_is_utf8(all) &&
	       str_copy(out->text, sizeof out->text, all);
}

bool
smtp_path_parse(struct slice *text, struct smtp_path *out)
{
	*out = (struct smtp_path){.local = 0};
	if (!take_char(text, '<'))
		return false;
	if (take_char(text, '>'))
		return true;
	if (text->len > 0 && text->ptr[0] == '@' && !take_route(text))
		return false;
	return take_mailbox(text, out) && take_char(text, '>');
}

bool
smtp_path_parse_bare(struct slice text, struct smtp_path *out)
{
	*out = (struct smtp_path){.local = 0};
	return text.len == 0 || (take_mailbox(&text, out) && text.len == 0);
}

struct slice
smtp_path_local(const struct smtp_path *p)
{
	return (struct slice){p->text, p->local};
}

struct slice
smtp_path_domain(const struct smtp_path *p)
{
	struct slice all = str_slice(p->text);

	if (p->local == all.len)
		return str_slice("");
	advance(&all, p->local + 1);
	return all;
}
