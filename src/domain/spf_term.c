/*
 * spf_term: see spf_term.h.
 */
#include <config.h>

#include <string.h>

#include "domain/spf_term.h"

#include "base/banned.h"

static const char version[] = "v=spf1";

/* What may follow a term's name. */
enum {
	DOMAIN = 1 << 0,  /* a domain */
	NEEDED = 1 << 1,  /* and not without one */
	BITS = 1 << 2,	  /* the length of a prefix */
	NETWORK = 1 << 3, /* an address */
};

static const struct name {
	const char *text;
	enum domain_spf_kind kind;
	unsigned takes;
	bool modifier; /* has "=" in place of ":", and no qualifier */
} names[] = {
    {"all", DOMAIN_SPF_ALL, 0, false},
    {"include", DOMAIN_SPF_INCLUDE, DOMAIN | NEEDED, false},
    {"a", DOMAIN_SPF_A, DOMAIN | BITS, false},
    {"mx", DOMAIN_SPF_MX, DOMAIN | BITS, false},
    {"ptr", DOMAIN_SPF_PTR, DOMAIN, false},
    {"ip4", DOMAIN_SPF_IP4, NETWORK | BITS, false},
    {"ip6", DOMAIN_SPF_IP6, NETWORK | BITS, false},
    {"exists", DOMAIN_SPF_EXISTS, DOMAIN | NEEDED, false},
    {"redirect", DOMAIN_SPF_REDIRECT, DOMAIN | NEEDED, true},
};

bool
domain_spf_term_is_record(struct slice text)
{
	size_t len = sizeof version - 1;

	return str_begins_nocase(text, version) && (text.len == len || text.ptr[len] == ' ');
}

void
domain_spf_term_begin(struct slice *record)
{
	(void)str_cut(record, ' ');
}

/* The end of the name that TERM begins with. */
static size_t
name_end(struct slice term)
{
	size_t end = 0;

	while (end < term.len && strchr(":=/", term.ptr[end]) == NULL)
		end++;
	return end;
}

static const struct name *
find(struct slice text, bool modifier)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (names[i].modifier == modifier && str_is_nocase(text, names[i].text))
			return &names[i];
	}
	return NULL;
}

/*
 * Takes "/24", "//64" or "/24//64" off the end of *REST. The slash of a macro's delimiters stands
 * within braces.
 */
static bool
take_bits(struct slice *rest, enum domain_spf_kind kind, struct domain_spf_term *out)
{
	size_t at = rest->len;
	struct slice bits, bits4 = {NULL, 0}, bits6 = {NULL, 0};
	uint64_t n4 = 32, n6 = 128;

	while (at > 0 && strchr("0123456789/", rest->ptr[at - 1]) != NULL)
		at--;
	while (at < rest->len && rest->ptr[at] != '/')
		at++;
	if (at == rest->len)
		return true;
	bits = str_range(rest->ptr + at + 1, rest->ptr + rest->len);
	rest->len = at;
	if (bits.len == 0 || bits.ptr[0] != '/')
		*(kind == DOMAIN_SPF_IP6 ? &bits6 : &bits4) = str_cut(&bits, '/');
	if (bits.ptr != NULL) {
		if ((kind != DOMAIN_SPF_A && kind != DOMAIN_SPF_MX) || bits.len == 0 ||
		    bits.ptr[0] != '/')
			return false;
		(void)str_cut(&bits, '/');
		bits6 = bits;
	}
	if ((bits4.ptr != NULL && !str_number(bits4, 0, 32, &n4)) ||
	    (bits6.ptr != NULL && !str_number(bits6, 0, 128, &n6)))
		return false;
	out->bits4 = (unsigned)n4;
	out->bits6 = (unsigned)n6;
	return true;
}

/* Takes what follows the name: *REST begins with its separator, or is empty. */
static bool
take_rest(struct slice rest, const struct name *name, struct domain_spf_term *out)
{
	struct slice value;

	if ((name->takes & BITS) != 0 && !take_bits(&rest, name->kind, out))
		return false;
	value = rest;
	if (rest.len > 0)
		(void)str_cut(&value, name->modifier ? '=' : ':');
	if (rest.len > 0 && (value.ptr != rest.ptr + 1 || value.len == 0))
		return false;
	if ((name->takes & NETWORK) != 0)
		out->network = value;
	else if (rest.len > 0)
		out->domain = value;
	if (rest.len > 0)
		return (name->takes & (DOMAIN | NETWORK)) != 0;
	return (name->takes & (NEEDED | NETWORK)) == 0;
}

static int
parse(struct slice term, struct domain_spf_term *out, struct err *e)
{
	struct slice rest = term, text;
	bool qualified = strchr("+-~?", term.ptr[0]) != NULL, modifier;
	const struct name *name;

	*out = (struct domain_spf_term){.qualifier = '+', .bits4 = 32, .bits6 = 128};
	if (qualified) {
		out->qualifier = term.ptr[0];
		rest = str_range(term.ptr + 1, term.ptr + term.len);
	}
	text = str_range(rest.ptr, rest.ptr + name_end(rest));
	rest = str_range(text.ptr + text.len, term.ptr + term.len);
	modifier = rest.len > 0 && rest.ptr[0] == '=';
	name = find(text, modifier);
	if (name == NULL && modifier && !qualified && text.len > 0) {
		out->kind = DOMAIN_SPF_IGNORED;
		return 1;
	}
	if (name == NULL || (name->modifier && qualified) || !take_rest(rest, name, out))
		return err_set(e, EX_DATAERR, "'%.*s' is not a term of SPF", STR_ARGS(term));
	out->kind = name->kind;
	return 1;
}

int
domain_spf_term_next(struct slice *record, struct domain_spf_term *out, struct err *e)
{
	while (record->ptr != NULL) {
		struct slice term = str_cut(record, ' ');

		if (term.len > 0)
			return parse(term, out, e);
	}
	return 0;
}
