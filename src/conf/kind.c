/*
 * kind: see kind.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/path.h"
#include "conf/kind.h"

#include "base/banned.h"

enum { SECONDS_MAXIMUM = 86400, COUNT_MAXIMUM = 1000000, FEW_MAXIMUM = 100 };

#define SIZE_MAXIMUM (UINT64_C(1) << 50)

static int
no_memory(struct err *e)
{
	return err_set(e, EX_TEMPFAIL, "out of memory");
}

static char *
copy_of(struct slice text)
{
	char *copy = malloc(text.len + 1);

	if (copy != NULL)
		(void)str_copy(copy, text.len + 1, text);
	return copy;
}

static void
wipe_text(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}

/* --- text --- */

void
conf_kind_clear_text(void *field)
{
	char **text = field;

	wipe_text(*text);
	*text = NULL;
}

int
conf_kind_parse_text(void *field, struct slice value, struct err *e)
{
	char *copy = NULL;

	if (value.len > 0 && (copy = copy_of(value)) == NULL)
		return no_memory(e);
	conf_kind_clear_text(field);
	*(char **)field = copy;
	return 0;
}

bool
conf_kind_copy_text(void *to, const void *from)
{
	struct err ignored;

	return conf_kind_parse_text(to, str_slice(*(char *const *)from), &ignored) == 0;
}

void
conf_kind_print_text(const void *field, struct buf *out)
{
	const char *text = *(char *const *)field;

	if (text != NULL)
		buf_adds(out, text);
}

const struct conf_kind conf_kind_text = {.parse = conf_kind_parse_text,
    .print = conf_kind_print_text,
    .copy = conf_kind_copy_text,
    .clear = conf_kind_clear_text};

/* --- name --- */

/* Which characters a host's name has is IDNA's to say (net/name); these it never has. */
static int
parse_name(void *field, struct slice value, struct err *e)
{
	for (size_t i = 0; i < value.len; i++) {
		if (strchr(" \t/<>@\"", value.ptr[i]) != NULL)
			return err_set(e, EX_CONFIG, "'%.*s' is no host name", STR_ARGS(value));
	}
	return conf_kind_parse_text(field, value, e);
}

const struct conf_kind conf_kind_name = {.parse = parse_name,
    .print = conf_kind_print_text,
    .copy = conf_kind_copy_text,
    .clear = conf_kind_clear_text};

/* --- file --- */

static int
parse_file(void *field, struct slice value, struct err *e)
{
	struct buf name = BUF_INIT(PATH_MAXIMUM);
	int result;

	path_expand(&name, value);
	if (name.full)
		result = err_set(e, EX_CONFIG, "the file's name is too long");
	else
		result = conf_kind_parse_text(field, buf_slice(&name), e);
	buf_free(&name);
	return result;
}

const struct conf_kind conf_kind_file = {.parse = parse_file,
    .print = conf_kind_print_text,
    .copy = conf_kind_copy_text,
    .clear = conf_kind_clear_text};

/* --- switch --- */

static int
parse_switch(void *field, struct slice value, struct err *e)
{
	bool on = value.len == 0 || str_is(value, "on");

	if (!on && !str_is(value, "off"))
		return err_set(e, EX_CONFIG, "'%.*s' is neither on nor off", STR_ARGS(value));
	*(bool *)field = on;
	return 0;
}

static void
print_switch(const void *field, struct buf *out)
{
	buf_adds(out, *(const bool *)field ? "on" : "off");
}

static bool
copy_switch(void *to, const void *from)
{
	*(bool *)to = *(const bool *)from;
	return true;
}

static void
clear_switch(void *field)
{
	*(bool *)field = false;
}

const struct conf_kind conf_kind_switch = {
    .parse = parse_switch, .print = print_switch, .copy = copy_switch, .clear = clear_switch};

/* --- numbers --- */

bool
conf_kind_copy_int(void *to, const void *from)
{
	memcpy(to, from, sizeof(int));
	return true;
}

void
conf_kind_clear_int(void *field)
{
	memset(field, 0, sizeof(int));
}

static void
print_number(const void *field, struct buf *out)
{
	buf_addf(out, "%u", *(const unsigned *)field);
}

static int
parse_port(void *field, struct slice value, struct err *e)
{
	uint64_t port;

	if (!str_number(value, 1, 65535, &port))
		return err_set(
		    e, EX_CONFIG, "'%.*s' is not a port from 1 to 65535", STR_ARGS(value));
	*(unsigned *)field = (unsigned)port;
	return 0;
}

const struct conf_kind conf_kind_port = {.parse = parse_port,
    .print = print_number,
    .copy = conf_kind_copy_int,
    .clear = conf_kind_clear_int};

static int
parse_seconds(void *field, struct slice value, struct err *e)
{
	uint64_t seconds = 0;

	if (!str_is(value, "off") && !str_number(value, 1, SECONDS_MAXIMUM, &seconds))
		return err_set(e, EX_CONFIG, "'%.*s' is neither off nor seconds from 1 to %d",
		    STR_ARGS(value), SECONDS_MAXIMUM);
	*(unsigned *)field = (unsigned)seconds;
	return 0;
}

void
conf_kind_print_limit(const void *field, struct buf *out)
{
	if (*(const unsigned *)field == 0)
		buf_adds(out, "off");
	else
		print_number(field, out);
}

const struct conf_kind conf_kind_seconds = {.parse = parse_seconds,
    .print = conf_kind_print_limit,
    .copy = conf_kind_copy_int,
    .clear = conf_kind_clear_int};

static int
parse_number(void *field, struct slice value, int maximum, struct err *e)
{
	uint64_t number;

	if (!str_number(value, 1, (uint64_t)maximum, &number))
		return err_set(
		    e, EX_CONFIG, "'%.*s' is not a number from 1 to %d", STR_ARGS(value), maximum);
	*(unsigned *)field = (unsigned)number;
	return 0;
}

static int
parse_count(void *field, struct slice value, struct err *e)
{
	return parse_number(field, value, COUNT_MAXIMUM, e);
}

static int
parse_few(void *field, struct slice value, struct err *e)
{
	return parse_number(field, value, FEW_MAXIMUM, e);
}

const struct conf_kind conf_kind_count = {.parse = parse_count,
    .print = print_number,
    .copy = conf_kind_copy_int,
    .clear = conf_kind_clear_int};

const struct conf_kind conf_kind_few = {.parse = parse_few,
    .print = print_number,
    .copy = conf_kind_copy_int,
    .clear = conf_kind_clear_int};

/* --- size --- */

static int
parse_size(void *field, struct slice value, struct err *e)
{
	static const char units[] = "KMG";
	struct slice digits = value;
	const char *unit =
	    value.len > 1 ? memchr(units, value.ptr[value.len - 1], sizeof units - 1) : NULL;
	unsigned shift = unit != NULL ? 10 * (unsigned)(unit - units + 1) : 0;
	uint64_t number;

	if (unit != NULL)
		digits.len--;
	if (!str_number(digits, 1, SIZE_MAXIMUM >> shift, &number))
		return err_set(
		    e, EX_CONFIG, "'%.*s' is no size, such as 100000 or 50M", STR_ARGS(value));
	*(uint64_t *)field = number << shift;
	return 0;
}

static void
print_size(const void *field, struct buf *out)
{
	buf_addf(out, "%llu", (unsigned long long)*(const uint64_t *)field);
}

static bool
copy_size(void *to, const void *from)
{
	memcpy(to, from, sizeof(uint64_t));
	return true;
}

static void
clear_size(void *field)
{
	memset(field, 0, sizeof(uint64_t));
}

const struct conf_kind conf_kind_size = {
    .parse = parse_size, .print = print_size, .copy = copy_size, .clear = clear_size};

/* --- list --- */

void
conf_kind_clear_list(void *field)
{
	struct conf_list *list = field;

	for (size_t i = 0; i < list->count; i++)
		wipe_text(list->items[i]);
	free(list->items);
	*list = (struct conf_list){0};
}

static bool
append(struct conf_list *list, struct slice value)
{
	char **grown = array_grow(list->items, list->count, sizeof *grown);

	if (grown == NULL)
		return false;
	list->items = grown;
	grown[list->count] = copy_of(value);
	if (grown[list->count] == NULL)
		return false;
	list->count++;
	return true;
}

int
conf_kind_parse_list(void *field, struct slice value, struct err *e)
{
	struct conf_list *list = field;

	if (list->inherited || value.len == 0)
		conf_kind_clear_list(list);
	if (value.len > 0 && !append(list, value))
		return no_memory(e);
	return 0;
}

void
conf_kind_print_list(const void *field, struct buf *out)
{
	const struct conf_list *list = field;

	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			buf_adds(out, ", ");
		buf_adds(out, list->items[i]);
	}
}

bool
conf_kind_copy_list(void *to, const void *from)
{
	const struct conf_list *source = from;

	conf_kind_clear_list(to);
	for (size_t i = 0; i < source->count; i++) {
		if (!append(to, str_slice(source->items[i])))
			return false;
	}
	((struct conf_list *)to)->inherited = true;
	return true;
}

const struct conf_kind conf_kind_list = {.parse = conf_kind_parse_list,
    .print = conf_kind_print_list,
    .copy = conf_kind_copy_list,
    .clear = conf_kind_clear_list};

/* --- words --- */

/* "'VALUE' is none of: A, B, C" */
static int
no_such_word(struct slice value, const char *const *words, struct err *e)
{
	struct buf list = BUF_INIT(sizeof e->msg);

	for (size_t i = 0; words[i] != NULL; i++)
		buf_addf(&list, "%s%s", i == 0 ? "" : ", ", words[i]);
	err_set(e, EX_CONFIG, "'%.*s' is none of: %s", STR_ARGS(value), buf_text(&list));
	buf_free(&list);
	return -1;
}

static int
parse_word(const char *const *words, int *field, struct slice value, struct err *e)
{
	int i = 0;

	while (value.len > 0 && words[i] != NULL && !str_is(value, words[i]))
		i++;
	if (words[i] == NULL)
		return no_such_word(value, words, e);
	*field = i;
	return 0;
}

/* --- any --- */

int
conf_kind_parse(const struct conf_kind *kind, void *field, struct slice value, struct err *e)
{
	return kind->words != NULL ? parse_word(kind->words, field, value, e)
				   : kind->parse(field, value, e);
}

void
conf_kind_print(const struct conf_kind *kind, const void *field, struct buf *out)
{
	if (kind->words != NULL)
		buf_adds(out, kind->words[*(const int *)field]);
	else
		kind->print(field, out);
}
