/*
 * kind: the kinds of value that a keyword can have (text, a file's name, a switch, a number, a
 * list): how each is parsed into a field of a struct, printed, copied and cleared. Keyword tables
 * name a kind; a layer with a kind of its own writes one more struct conf_kind.
 */
#ifndef CONF_KIND_H
#define CONF_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* Texts, in the order they were said. */
struct conf_list {
	char **items; /* owned, and each of them */
	size_t count;
	bool inherited; /* came from a base: the next value replaces them all */
};

/* A kind has either words (CONF_KIND_WORDS), or parse and print. */
struct conf_kind {
	/*
	 * Parses VALUE, which has no control bytes, into FIELD, and frees what that held; a list
	 * gains an item. An empty VALUE is what msmtp takes it for: a switch is on, a text unset.
	 * Returns -1 with EX_CONFIG and a message about the value alone ("'x' is no port ...").
	 */
	int (*parse)(void *field, struct slice value, struct err *e);

	/* Appends FIELD as one would write it in a file; nothing where it is unset. */
	void (*print)(const void *field, struct buf *out);

	/* Copies FROM over TO, whose value is freed. Returns false when memory ran out. */
	bool (*copy)(void *to, const void *from);

	/* Wipes and frees FIELD, and leaves it unset (zero). */
	void (*clear)(void *field);

	/* The words that the value can be, up to a NULL; the field is the enum of their indices. */
	const char *const *words;
};

/* The kind of a keyword whose value is one of these words, for nothing the first. */
#define CONF_KIND_WORDS(...)                                              \
	{                                                                 \
		.copy = conf_kind_copy_int, .clear = conf_kind_clear_int, \
		.words = (const char *const[])                            \
		{                                                         \
			__VA_ARGS__, NULL                                 \
		}                                                         \
	}

/* Parse VALUE into FIELD, and append FIELD, as KIND says: use these, not its members. */
int conf_kind_parse(const struct conf_kind *kind, void *field, struct slice value, struct err *e);
void conf_kind_print(const struct conf_kind *kind, const void *field, struct buf *out);

extern const struct conf_kind conf_kind_text;	 /* char *: NULL where unset */
extern const struct conf_kind conf_kind_name;	 /* char *: of a host, or its address */
extern const struct conf_kind conf_kind_file;	 /* char *: a leading ~/ stands for the home */
extern const struct conf_kind conf_kind_switch;	 /* bool: on, off, or nothing for on */
extern const struct conf_kind conf_kind_port;	 /* unsigned: 1 to 65535 */
extern const struct conf_kind conf_kind_seconds; /* unsigned: off for 0, or 1 to 86400 */
extern const struct conf_kind conf_kind_count;	 /* unsigned: 1 to 1000000 */
extern const struct conf_kind conf_kind_few;	 /* unsigned: 1 to 100 */
extern const struct conf_kind conf_kind_size;	 /* uint64_t: bytes, or with K, M or G behind */
extern const struct conf_kind conf_kind_list;	 /* struct conf_list; an empty value empties it */

/*
 * Parts for kinds made elsewhere, as the members above: of a text (char *), of a list, and of an
 * int, an unsigned or an enum. conf_kind_parse_text stores VALUE as it is, NULL for an empty one;
 * conf_kind_print_limit writes an unsigned, "off" for 0.
 */
int conf_kind_parse_text(void *field, struct slice value, struct err *e);
void conf_kind_print_text(const void *field, struct buf *out);
bool conf_kind_copy_text(void *to, const void *from);
void conf_kind_clear_text(void *field);
int conf_kind_parse_list(void *field, struct slice value, struct err *e);
void conf_kind_print_list(const void *field, struct buf *out);
bool conf_kind_copy_list(void *to, const void *from);
void conf_kind_clear_list(void *field);
void conf_kind_print_limit(const void *field, struct buf *out);
bool conf_kind_copy_int(void *to, const void *from);
void conf_kind_clear_int(void *field);

#endif
