/*
 * address: see address.h. Reading is in address_parse.c.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mail/address.h"

#include "base/banned.h"

int
mail_address_copy(struct mail_address *out, const struct mail_address *from, struct err *e)
{
	*out =
	    (struct mail_address){strdup(from->local), strdup(from->domain), strdup(from->display)};
	if (out->local != NULL && out->domain != NULL && out->display != NULL)
		return 0;
	mail_address_free(out);
	return err_set(e, EX_TEMPFAIL, "no memory for an address");
}

bool
mail_address_is_null(const struct mail_address *a)
{
	return a->local[0] == '\0' && a->domain[0] == '\0';
}

bool
mail_address_is_utf8(const struct mail_address *a)
{
	return str_has_8bit(str_slice(a->local)) || str_has_8bit(str_slice(a->domain));
}

bool
mail_address_equal(const struct mail_address *a, const struct mail_address *b)
{
	return strcmp(a->local, b->local) == 0 && strcasecmp(a->domain, b->domain) == 0;
}

uint32_t
mail_address_hash(const struct mail_address *a)
{
	const char *const parts[] = {a->local, a->domain};
	uint32_t hash = 2166136261U; /* FNV-1a */

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		for (const char *c = parts[i]; *c != '\0'; c++) {
			hash ^= (unsigned char)*c | 0x20U;
			hash *= 16777619U;
		}
	}
	return hash;
}

/* Appends the address as a person would write it in a pattern: nothing quoted. */
static void
add_plain(struct buf *out, struct slice local, const char *domain)
{
	buf_add_slice(out, local);
	if (domain[0] != '\0') {
		buf_addc(out, '@');
		buf_adds(out, domain);
	}
}

bool
mail_address_match(const struct mail_address *a, struct slice pattern)
{
	struct buf text = BUF_INIT(2 * MAIL_ADDRESS_MAX);
	struct slice local = str_slice(a->local);
	bool fits;

	add_plain(&text, local, a->domain);
	fits = str_match(buf_slice(&text), pattern);
	if (!fits && str_find(pattern, '+') == pattern.len) {
		local.len = str_find(local, '+');
		buf_reset(&text);
		add_plain(&text, local, a->domain);
		fits = str_match(buf_slice(&text), pattern);
	}
	buf_free(&text);
	return fits;
}

/* May LOCAL stand without quotes: a dot-atom (RFC 5322 3.2.3, RFC 6532 3.2)? */
static bool
is_dot_atom(const char *local)
{
	static const char symbols[] = "!#$%&'*+-/=?^_`{|}~";
	bool after_dot = true;

	for (const char *c = local; *c != '\0'; c++) {
		bool letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
			      (*c >= '0' && *c <= '9') || (unsigned char)*c > 0x7f;

		if (*c == '.' ? after_dot : !letter && strchr(symbols, *c) == NULL)
			return false;
		after_dot = *c == '.';
	}
	return !after_dot;
}

void
mail_address_write(struct buf *out, const struct mail_address *a)
{
	if (mail_address_is_null(a))
		return;
	if (is_dot_atom(a->local)) {
		buf_adds(out, a->local);
	} else {
		buf_addc(out, '"');
		for (const char *c = a->local; *c != '\0'; c++) {
			if (*c == '"' || *c == '\\')
				buf_addc(out, '\\');
			buf_addc(out, *c);
		}
		buf_addc(out, '"');
	}
	if (a->domain[0] != '\0') {
		buf_addc(out, '@');
		buf_adds(out, a->domain);
	}
}

void
mail_address_free(struct mail_address *a)
{
	free(a->local);
	free(a->domain);
	free(a->display);
	*a = (struct mail_address){NULL, NULL, NULL};
}

void
mail_address_list_free(struct mail_address_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		mail_address_free(&list->at[i]);
	free(list->at);
	*list = (struct mail_address_list){NULL, 0};
}
