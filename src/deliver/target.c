/*
 * target: see target.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "deliver/target.h"

#include "base/banned.h"

#define INCLUDE ":include:"

enum { TEXT_MAXIMUM = 4096 };

static int
no_memory(struct err *e)
{
	return err_set(e, EX_TEMPFAIL, "no memory for the aliases");
}

/* --- the list --- */

static void
free_target(struct deliver_target *target)
{
	mail_address_free(&target->address);
	free(target->text);
	free(target->owner);
	free(target->fault);
}

void
deliver_target_list_cut(struct deliver_target_list *list, size_t count)
{
	while (list->count > count)
		free_target(&list->at[--list->count]);
}

void
deliver_target_list_free(struct deliver_target_list *list)
{
	deliver_target_list_cut(list, 0);
	free(list->at);
	*list = (struct deliver_target_list){NULL, 0};
}

int
deliver_target_list_check(const struct deliver_target_list *list, struct err *e)
{
	size_t i = 0;

	while (i < list->count && list->at[i].fault == NULL)
		i++;
	if (i == list->count)
		return 0;
	*e = *list->at[i].fault;
	return -1;
}

/* The address, or for the other kinds the text as the local part of one. */
static uint32_t
hash_of(const struct deliver_target *target)
{
	char nothing[] = "";
	const struct mail_address text = {target->text, nothing, nothing};

	return mail_address_hash(target->text != NULL ? &text : &target->address);
}

static bool
is_same(const struct deliver_target *a, const struct deliver_target *b)
{
	if (a->kind != b->kind || a->hash != b->hash)
		return false;
	return a->text != NULL ? strcmp(a->text, b->text) == 0
			       : mail_address_equal(&a->address, &b->address);
}

/* Appends TARGET itself, whose parts the list then owns. */
static int
append(struct deliver_target_list *list, const struct deliver_target *target, struct err *e)
{
	struct deliver_target *grown;

	if (list->count >= MAIL_ADDRESS_LIST_MAX)
		return err_set(e, EX_CONFIG, "more than %d recipients", MAIL_ADDRESS_LIST_MAX);
	grown = array_grow(list->at, list->count, sizeof *grown);
	if (grown == NULL)
		return no_memory(e);
	list->at = grown;
	grown[list->count++] = *target;
	return 0;
}

int
deliver_target_add(struct deliver_target_list *list, const struct deliver_target *target,
    const char *owner, struct err *e)
{
	struct deliver_target copy = {.kind = target->kind, .hash = hash_of(target)};
	struct deliver_target wanted = *target;
	bool ok = true;

	wanted.hash = copy.hash;
	for (size_t i = 0; i < list->count; i++) {
		if (is_same(&list->at[i], &wanted))
			return 0;
	}
	if (target->text != NULL)
		ok = (copy.text = strdup(target->text)) != NULL;
	else if (mail_address_copy(&copy.address, &target->address, e) == -1)
		return -1;
	if (ok && owner != NULL)
		ok = (copy.owner = strdup(owner)) != NULL;
	if (ok && target->fault != NULL) {
		copy.fault = malloc(sizeof *copy.fault);
		ok = copy.fault != NULL;
		if (ok)
			*copy.fault = *target->fault;
	}
	if (!ok)
		(void)no_memory(e);
	if (ok && append(list, &copy, e) == 0)
		return 0;
	free_target(&copy);
	return -1;
}

/* --- reading --- */

/* Bytes of the quoted string, comment or <...> that TEXT begins with, up to its closing sign; 1 for
 * any other sign. */
static size_t
skip_enclosed(struct slice text)
{
	static const char pairs[] = "\"\"()<>";
	const char *pair = text.ptr[0] != '\0' ? strchr(pairs, text.ptr[0]) : NULL;
	size_t i = 1;

	if (pair == NULL || (pair - pairs) % 2 != 0)
		return 1;
	while (i < text.len && text.ptr[i] != pair[1])
		i += text.ptr[i] == '\\' && i + 1 < text.len ? 2 : 1;
	return i < text.len ? i + 1 : text.len;
}

/* Does a comment begin at I? */
static bool
is_comment(struct slice text, size_t i)
{
	return text.ptr[i] == '#' && (i == 0 || strchr(" \t\r\n,", text.ptr[i - 1]) != NULL) &&
	       text.ptr[i] != '\0';
}

/* Cuts the next element off *REST into OUT, without comments. Returns where it began. */
static const char *
cut_element(struct slice *rest, bool lines, struct buf *out)
{
	const char *begin = NULL;
	size_t i = 0;

	buf_reset(out);
	while (i < rest->len) {
		struct slice left = {rest->ptr + i, rest->len - i};
		char c = left.ptr[0];

		if (is_comment(*rest, i)) {
			i += str_find(left, '\n');
		} else if (c == ',' || (lines && c == '\n')) {
			i++;
			break;
		} else {
			size_t n = skip_enclosed(left);

			if (begin == NULL && strchr(" \t\r\n", c) == NULL)
				begin = left.ptr;
			buf_add(out, left.ptr, n);
			i += n;
		}
	}
	*rest = (struct slice){rest->ptr + i, rest->len - i};
	return begin;
}

/* Is the whole of TEXT one quoted string? Then what it quotes goes into OUT. */
static bool
unquote(struct slice text, struct buf *out)
{
	if (text.len < 2 || text.ptr[0] != '"' || skip_enclosed(text) != text.len)
		return false;
	for (size_t i = 1; i + 1 < text.len; i++) {
		if (text.ptr[i] == '\\' && i + 2 < text.len)
			i++;
		buf_addc(out, text.ptr[i]);
	}
	return true;
}

/* What a target that is no address begins with, what must follow, and what the text is. */
static const struct form {
	const char *prefix;
	enum deliver_target_kind kind;
	bool whole; /* the text has the prefix too */
} forms[] = {
    {"/", DELIVER_TARGET_FILE, true},
    {"|", DELIVER_TARGET_COMMAND, false},
    {INCLUDE, DELIVER_TARGET_INCLUDE, false},
};

static int
add_special(
    struct deliver_target_list *out, const struct form *form, struct slice text, struct err *e)
{
	size_t skip = form->whole ? 0 : strlen(form->prefix);
	struct slice rest = str_trim((struct slice){text.ptr + skip, text.len - skip});
	struct buf inner = BUF_INIT(TEXT_MAXIMUM);
	struct deliver_target target = {.kind = form->kind};
	int status;

	if (!unquote(rest, &inner))
		buf_add_slice(&inner, rest);
	if (inner.full || inner.len == 0) {
		status =
		    err_set(e, EX_CONFIG, "nothing that can be used follows '%s'", form->prefix);
	} else if (form->kind == DELIVER_TARGET_INCLUDE && inner.data[0] != '/') {
		status = err_set(e, EX_CONFIG, "'%s' wants the whole path of a file", INCLUDE);
	} else {
		target.text = inner.data;
		status = deliver_target_add(out, &target, NULL, e);
	}
	buf_free(&inner);
	return status;
}

/* `\name`, or an address. */
static int
add_address(struct deliver_target_list *out, struct slice text, struct err *e)
{
	struct deliver_target target = {.kind = DELIVER_TARGET_ADDRESS};
	int status;

	if (text.ptr[0] == '\\') {
		target.kind = DELIVER_TARGET_MAILBOX;
		text = (struct slice){text.ptr + 1, text.len - 1};
	}
	if (mail_address_parse(&target.address, text, e) == -1) {
		if (e->ex != EX_TEMPFAIL)
			e->ex = EX_CONFIG;
		return -1;
	}
	if (mail_address_is_null(&target.address))
		status = err_set(e, EX_CONFIG, "'<>' is nobody to deliver to");
	else
		status = deliver_target_add(out, &target, NULL, e);
	mail_address_free(&target.address);
	return status;
}

static int
add_element(struct deliver_target_list *out, struct slice element, struct err *e)
{
	struct buf inner = BUF_INIT(TEXT_MAXIMUM);
	struct slice text = unquote(element, &inner) ? buf_slice(&inner) : element;
	int status = 1;

	for (size_t i = 0; status == 1 && i < sizeof forms / sizeof forms[0]; i++) {
		if (str_begins_nocase(text, forms[i].prefix))
			status = add_special(out, &forms[i], text, e);
	}
	if (status == 1)
		status = add_address(out, element, e);
	buf_free(&inner);
	return status;
}

/* ELEMENT, from BEGIN to END of what was read, is wrong. Where its first line alone is not, the
 * next is one that was not meant to go on; *AT is that then. */
static int
blame_line(struct slice element, const char *begin, const char *end, const char **at, struct err *e)
{
	struct deliver_target_list ignored = {NULL, 0};
	struct slice first = str_trim(str_cut(&element, '\n')), rest = str_range(begin, end);
	int status;

	if (e->ex == EX_TEMPFAIL || element.ptr == NULL)
		return -1;
	*e = (struct err)ERR_INIT;
	status = add_element(&ignored, first, e);
	deliver_target_list_free(&ignored);
	if (status == -1)
		return -1;
	do {
		(void)str_cut(&rest, '\n');
		rest = str_trim(rest);
	} while (rest.len > 0 && rest.ptr[0] == '#');
	*at = rest.len > 0 ? rest.ptr : begin;
	return err_set(e, EX_CONFIG, "a line that begins with a blank continues the one above it");
}

int
deliver_target_parse_list(
    struct deliver_target_list *out, struct slice text, bool lines, const char **at, struct err *e)
{
	struct buf element = BUF_INIT(TEXT_MAXIMUM);
	int status = 0;

	while (status == 0 && text.len > 0) {
		const char *begin = cut_element(&text, lines, &element);

		if (begin == NULL)
			continue;
		*at = begin;
		if (element.full)
			status = err_set(e, EX_CONFIG, "this is too long");
		else
			status = add_element(out, str_trim(buf_slice(&element)), e);
		if (status == -1)
			(void)blame_line(str_trim(buf_slice(&element)), begin, text.ptr, at, e);
	}
	buf_free(&element);
	return status;
}
