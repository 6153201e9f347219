/*
 * address_parse: the reading half of address.h, a recursive descent through RFC 5322 3.4 and 4.4.
 *
 * Each read_* takes what it is named for off the text and leaves the reader at what follows; blanks
 * and comments are skipped behind each token, never before one. What a run of words is (a phrase, a
 * group's name, a local part) shows only at the special behind it, so words are collected in both
 * forms.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/i18n.h"
#include "mail/address.h"

#include "base/banned.h"

enum {
	PART_MAX = 4096, /* bytes of a phrase, a comment, a local part, a domain, while reading */
	EXCERPT = 40,	 /* bytes that an error shows at each side of its place */
};

static const char blanks[] = " \t";
static const char specials[] = "()<>[]:;@\\,.\"";

struct reader {
	struct slice text;
	size_t at; /* the next byte of text */
	struct buf local, phrase, domain, comment;
	size_t words; /* in local and phrase */
	bool joined;  /* the last token was a dot, or there was none: a word may follow */
	size_t gap;   /* where a word follows a word: no local part; SIZE_MAX without one */
	bool in_group;
	size_t end;		/* of the last word */
	struct buf *qualified;	/* gets the text with domains added; NULL: not wanted */
	const char *add_domain; /* to names without one */
	size_t copied;		/* bytes of the text that it has */
	struct mail_address_list *out;
	struct err *e;
};

static int
fail(struct reader *r, const char *what)
{
	size_t before = r->at < EXCERPT ? r->at : EXCERPT;
	size_t after = r->text.len - r->at < EXCERPT ? r->text.len - r->at : EXCERPT;
	struct slice head = {r->text.ptr + r->at - before, before};
	struct slice tail = {r->text.ptr + r->at, after};

	if (after == 0)
		return err_set(r->e, EX_DATAERR, "%s at the end of the address list '%s%.*s'",
		    i18n_text(what), before < r->at ? "..." : "", STR_ARGS(head));
	return err_set(r->e, EX_DATAERR,
	    "%s at byte %zu of the address list, between '%s%.*s' and '%.*s'", i18n_text(what),
	    r->at + 1, before < r->at ? "..." : "", STR_ARGS(head), STR_ARGS(tail));
}

/* The next byte, or -1 at the end. */
static int
peek(const struct reader *r)
{
	return r->at < r->text.len ? (unsigned char)r->text.ptr[r->at] : -1;
}

static bool
is_one_of(const char *set, int c)
{
	return c > 0 && strchr(set, c) != NULL;
}

static bool
is_atext(int c)
{
	return c > 0x20 && c != 0x7f && !is_one_of(specials, c);
}

/* Skips a line end that a blank follows: a fold (RFC 5322 2.2.3). False where there is none. */
static bool
skip_fold(struct reader *r)
{
	size_t at = r->at;

	if (at < r->text.len && r->text.ptr[at] == '\r')
		at++;
	if (at + 1 >= r->text.len || r->text.ptr[at] != '\n' ||
	    !is_one_of(blanks, r->text.ptr[at + 1]))
		return false;
	r->at = at + 1;
	return true;
}

/*
 * Appends the next byte of a quoted string or a comment to OUT, after its backslash if it has one.
 * TAB is a blank here; no other control byte gets in.
 */
static int
read_quoted_byte(struct reader *r, struct buf *out)
{
	if (skip_fold(r))
		return 0;
	if (peek(r) == '\\' && r->at + 1 < r->text.len)
		r->at++;
	if (peek(r) != '\t' && (peek(r) < 0x20 || peek(r) == 0x7f))
		return fail(r, N_("a control byte"));
	buf_addc(out, peek(r) == '\t' ? ' ' : r->text.ptr[r->at]);
	r->at++;
	return 0;
}

/* A comment, which may hold comments (3.2.2). Kept is the last one of an address. */
static int
read_comment(struct reader *r)
{
	size_t begin = r->at++;
	size_t depth = 1;

	buf_reset(&r->comment);
	for (;;) {
		int c = peek(r);

		if (c < 0) {
			r->at = begin;
			return fail(r, N_("a comment that is not closed"));
		}
		if (c == '(')
			depth++;
		if (c == ')' && --depth == 0)
			break;
		if (read_quoted_byte(r, &r->comment) != 0)
			return -1;
	}
	r->at++;
	return 0;
}

/* Blanks, folds and comments (CFWS), as many as there are. */
static int
skip(struct reader *r)
{
	for (;;) {
		if (peek(r) == '(') {
			if (read_comment(r) != 0)
				return -1;
		} else if (is_one_of(blanks, peek(r))) {
			r->at++;
		} else if (!skip_fold(r)) {
			return 0;
		}
	}
}

static int
read_quoted(struct reader *r, struct buf *out)
{
	size_t begin = r->at++;

	while (peek(r) != '"') {
		if (peek(r) < 0) {
			r->at = begin;
			return fail(r, N_("a quoted string that is not closed"));
		}
		if (read_quoted_byte(r, out) != 0)
			return -1;
	}
	r->at++;
	return 0;
}

static void
read_atom(struct reader *r, struct buf *out)
{
	while (is_atext(peek(r)))
		buf_addc(out, r->text.ptr[r->at++]);
}

/* One word or dot of a phrase or local part. */
static int
read_word(struct reader *r)
{
	size_t begin = r->local.len;

	if (peek(r) == '.') {
		buf_addc(&r->local, r->text.ptr[r->at++]);
		r->joined = true;
	} else {
		if (!r->joined && r->gap == SIZE_MAX)
			r->gap = r->at;
		if (peek(r) != '"')
			read_atom(r, &r->local);
		else if (read_quoted(r, &r->local) != 0)
			return -1;
		r->words++;
		r->joined = false;
		r->end = r->at;
	}
	buf_add(&r->phrase, buf_text(&r->local) + begin, r->local.len - begin);
	return 0;
}

/* Words and dots (obs-phrase, and local parts), with the blanks between them for the phrase. */
static int
read_words(struct reader *r)
{
	while (is_atext(peek(r)) || is_one_of("\".", peek(r))) {
		size_t end;

		if (read_word(r) != 0)
			return -1;
		end = r->at;
		if (skip(r) != 0)
			return -1;
		if (r->at > end)
			buf_addc(&r->phrase, ' ');
	}
	return 0;
}

/* An address literal with its brackets (3.4.1; RFC 5321 4.1.3). */
static int
read_literal(struct reader *r)
{
	size_t begin = r->at;

	do {
		buf_addc(&r->domain, r->text.ptr[r->at++]);
	} while (peek(r) > 0x20 && peek(r) < 0x7f && !is_one_of("[]\\", peek(r)));
	if (peek(r) != ']') {
		if (peek(r) < 0)
			r->at = begin;
		return fail(r, N_("an address literal that is not closed"));
	}
	buf_addc(&r->domain, r->text.ptr[r->at++]);
	return skip(r);
}

/* "@" and a domain, which replaces the one that the reader holds. */
static int
read_domain(struct reader *r)
{
	buf_reset(&r->domain);
	r->at++;
	if (skip(r) != 0)
		return -1;
	if (peek(r) == '[')
		return read_literal(r);
	for (;;) {
		if (!is_atext(peek(r)))
			return fail(r, N_("a domain that is missing or not complete"));
		read_atom(r, &r->domain);
		if (skip(r) != 0)
			return -1;
		if (peek(r) != '.')
			return 0;
		buf_addc(&r->domain, r->text.ptr[r->at++]);
		if (skip(r) != 0)
			return -1;
	}
}

/* A source route, which is to be ignored: "@a,@b:" (obs-route, 4.4). */
static int
skip_route(struct reader *r)
{
	while (is_one_of("@,", peek(r))) {
		if (peek(r) == '@') {
			if (read_domain(r) != 0)
				return -1;
		} else {
			r->at++;
			if (skip(r) != 0)
				return -1;
		}
	}
	if (peek(r) != ':')
		return fail(r, N_("a route without its colon"));
	r->at++;
	buf_reset(&r->domain);
	return skip(r);
}

/* Forgets the words and the domain, and keeps the comment. */
static void
forget_words(struct reader *r)
{
	buf_reset(&r->local);
	buf_reset(&r->domain);
	r->words = 0;
	r->joined = true;
	r->gap = SIZE_MAX;
}

/* Are the words a local part? A name alone is one, too. */
static int
check_local(struct reader *r)
{
	if (r->words == 0)
		return fail(r, N_("a local part that is missing"));
	if (r->gap != SIZE_MAX) {
		r->at = r->gap;
		return fail(r, N_("a comma, or a dot, that is missing"));
	}
	return 0;
}

/* The local part and domain between "<" and ">", which may be missing both. */
static int
read_angle(struct reader *r)
{
	size_t begin = r->at++;

	forget_words(r);
	if (skip(r) != 0)
		return -1;
	if (peek(r) == '>') {
		r->at++;
		return skip(r);
	}
	if (is_one_of("@,", peek(r)) && skip_route(r) != 0)
		return -1;
	if (read_words(r) != 0 || check_local(r) != 0)
		return -1;
	if (peek(r) == '@' && read_domain(r) != 0)
		return -1;
	if (peek(r) != '>') {
		if (peek(r) < 0)
			r->at = begin;
		return fail(r, N_("a '<' without its '>'"));
	}
	r->at++;
	return skip(r);
}

/* Room for one address more. */
static struct mail_address *
list_room(struct mail_address_list *list)
{
	struct mail_address *grown = array_grow(list->at, list->count, sizeof *grown);

	if (grown == NULL)
		return NULL;
	list->at = grown;
	return &grown[list->count];
}

/* What stands in an SMTP command must be short enough, UTF-8, and without control bytes. */
static int
check_address(struct reader *r, const struct mail_address *a)
{
	struct buf spec = BUF_INIT(MAIL_ADDRESS_MAX);
	bool utf8, fits;

	if (r->local.full || r->domain.full || r->phrase.full || r->comment.full)
		return fail(r, N_("a name that is too long"));
	mail_address_write(&spec, a);
	utf8 = str_is_utf8(buf_slice(&spec));
	fits = !spec.full;
	buf_free(&spec);
	if (!fits)
		return fail(r, N_("an address of over 254 bytes"));
	if (!utf8)
		return fail(r, N_("an address that is not UTF-8"));
	return 0;
}

/* Copies the text up to the end of a name without a domain, and gives it one. */
static void
qualify(struct reader *r)
{
	if (r->qualified == NULL || r->domain.len > 0 || r->words == 0)
		return;
	buf_add(r->qualified, r->text.ptr + r->copied, r->end - r->copied);
	buf_addc(r->qualified, '@');
	buf_adds(r->qualified, r->add_domain);
	r->copied = r->end;
}

/* Adds what the reader holds to the list; NAMED bytes of the phrase are its display name. */
static int
add(struct reader *r, size_t named)
{
	struct mail_address *room = list_room(r->out);
	struct slice display = str_trim((struct slice){buf_text(&r->phrase), named});

	if (display.len == 0)
		display = str_trim((struct slice){buf_text(&r->comment), r->comment.len});
	if (r->out->count >= MAIL_ADDRESS_LIST_MAX)
		return fail(r, N_("too many addresses"));
	qualify(r);
	if (room == NULL)
		return err_set(r->e, EX_TEMPFAIL, "no memory for an address list");
	*room = (struct mail_address){strdup(buf_text(&r->local)), strdup(buf_text(&r->domain)),
	    strndup(display.ptr, display.len)};
	r->out->count++;
	if (room->local == NULL || room->domain == NULL || room->display == NULL)
		return err_set(r->e, EX_TEMPFAIL, "no memory for an address list");
	return check_address(r, room);
}

/*
 * A mailbox, once the words before "<", "@" or the end of the element are read. That an address
 * stands before another one in brackets, as if it were a phrase, is wrong and common.
 */
static int
read_mailbox(struct reader *r)
{
	size_t named = 0;

	if (peek(r) == '@' && (check_local(r) != 0 || read_domain(r) != 0))
		return -1;
	if (peek(r) != '<')
		return check_local(r) == 0 ? add(r, named) : -1;
	if (r->domain.len > 0) {
		buf_addc(&r->phrase, '@');
		buf_add_slice(&r->phrase, buf_slice(&r->domain));
	}
	named = r->phrase.len;
	return read_angle(r) == 0 ? add(r, named) : -1;
}

/* One element between commas: a mailbox, the beginning or the end of a group, or nothing. */
static int
read_element(struct reader *r)
{
	forget_words(r);
	buf_reset(&r->phrase);
	buf_reset(&r->comment);
	if (skip(r) != 0 || read_words(r) != 0)
		return -1;
	if (peek(r) == ':' && r->words > 0 && !r->in_group) {
		r->in_group = true;
		r->at++;
		return read_element(r);
	}
	if ((r->words > 0 || is_one_of("@<", peek(r))) && read_mailbox(r) != 0)
		return -1;
	if (peek(r) == ';' && r->in_group) {
		r->in_group = false;
		r->at++;
		return skip(r);
	}
	return 0;
}

static int
read_list(struct reader *r)
{
	for (;;) {
		if (read_element(r) != 0)
			return -1;
		if (peek(r) < 0)
			return r->in_group ? fail(r, N_("a group without its ';'")) : 0;
		if (peek(r) != ',')
			return fail(r, N_("a character that does not belong here"));
		r->at++;
	}
}

/* Reads all of the reader's text. */
static int
read_text(struct reader *r)
{
	size_t before = r->out->count;
	int result;

	r->local = (struct buf)BUF_INIT(PART_MAX);
	r->phrase = (struct buf)BUF_INIT(PART_MAX);
	r->domain = (struct buf)BUF_INIT(PART_MAX);
	r->comment = (struct buf)BUF_INIT(PART_MAX);
	result = read_list(r);
	buf_free(&r->local);
	buf_free(&r->phrase);
	buf_free(&r->domain);
	buf_free(&r->comment);
	while (result != 0 && r->out->count > before)
		mail_address_free(&r->out->at[--r->out->count]);
	return result;
}

int
mail_address_parse_list(struct mail_address_list *out, struct slice text, struct err *e)
{
	struct reader r = {.text = text, .out = out, .e = e};

	return read_text(&r);
}

int
mail_address_parse_qualify(struct buf *out, struct slice text, const char *domain, struct err *e)
{
	struct mail_address_list list = {NULL, 0};
	struct buf whole = BUF_INIT(out->max);
	struct reader r = {
	    .text = text, .qualified = &whole, .add_domain = domain, .out = &list, .e = e};
	int result = read_text(&r);

	mail_address_list_free(&list);
	if (result == 0) {
		buf_add(&whole, text.ptr + r.copied, text.len - r.copied);
		buf_add_slice(out, buf_slice(&whole));
	}
	out->full = out->full || whole.full;
	buf_free(&whole);
	return result;
}

int
mail_address_parse(struct mail_address *out, struct slice text, struct err *e)
{
	struct mail_address_list list = {NULL, 0};
	int result = mail_address_parse_list(&list, text, e);

	if (result == 0 && list.count != 1)
		result = err_set(e, EX_DATAERR, "'%.*s' is %s", STR_ARGS(text),
		    list.count == 0 ? _("no address") : _("more than one address"));
	if (result == 0) {
		*out = list.at[0];
		list.count = 0;
	}
	mail_address_list_free(&list);
	return result;
}
