/*
 * str: slices of text, for parsers.
 *
 * A slice names bytes that somebody else owns; it is not NUL-terminated and may hold any byte. It
 * is valid as long as what it points into. No function here allocates.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
	const char *ptr; /* NULL for "no value"; then len is 0 */
	size_t len;	 /* bytes */
};

/* For printf's "%.*s": the length as the int that it wants, and the bytes. */
#define STR_ARGS(s) (int)(s).len, (s).ptr != NULL ? (s).ptr : ""

/* The slice of a literal, usable in a table. */
#define STR_LITERAL(text)              \
	{                              \
		text, sizeof(text) - 1 \
	}

/* The slice of TEXT up to its NUL; of NULL, the slice without a value. */
struct slice str_slice(const char *text);

/* The slice from BEGIN (included) to END (not included). */
struct slice str_range(const char *begin, const char *end);

/* Are A and B the same bytes? str_equal_nocase: the same but for the case of ASCII letters. */
bool str_equal(struct slice a, struct slice b);
bool str_equal_nocase(struct slice a, struct slice b);
bool str_is(struct slice s, const char *text);
bool str_is_nocase(struct slice s, const char *text);

/* Are the texts A and B the same, or neither there (NULL)? */
bool str_same(const char *a, const char *b);

/* Does S begin with TEXT, but for the case of ASCII letters? */
bool str_begins_nocase(struct slice s, const char *text);

/*
 * Does S fit PATTERN, in which `*` stands for any bytes and `?` for one, but for the case of ASCII
 * letters?
 */
bool str_match(struct slice s, struct slice pattern);

/* S without the blanks, tabs, CRs and LFs at both its ends. */
struct slice str_trim(struct slice s);

/*
 * Cuts what stands before the first SEPARATOR off *REST and returns it; *REST becomes what follows
 * the separator, or the slice without a value when there is none left.
 */
struct slice str_cut(struct slice *rest, char separator);

/* The lines at the front of TEXT that are whole, each with its newline; all of it where none is. */
struct slice str_whole_lines(struct slice text);

/*
 * Is WORD one of those in LIST, SEPARATOR between them? Blanks around each do not count, nor does
 * the case of ASCII letters.
 */
bool str_has_word(struct slice list, char separator, const char *word);

/*
 * S as a decimal number from MIN to MAX: digits alone, no sign, no blanks, at least one. Returns
 * false, and leaves *OUT alone, for anything else.
 */
bool str_number(struct slice s, uint64_t min, uint64_t max, uint64_t *out);

/* The position of the first byte C in S, or S.len where there is none. */
size_t str_find(struct slice s, char c);

/* The position of the first control byte (below 0x20, or 0x7f) in S, or S.len without one. */
size_t str_find_control(struct slice s);

/* Is S well-formed UTF-8 (RFC 3629: no overlong form, no surrogate, nothing over U+10FFFF)? */
bool str_is_utf8(struct slice s);

/* Has S a byte over 0x7f? */
bool str_has_8bit(struct slice s);

/*
 * Copies S into OUT of SIZE bytes (at least 1), cut where it does not fit, NUL-terminated. Returns
 * whether all of it fitted.
 */
bool str_copy(char *out, size_t size, struct slice s);

/* Writes the N bytes at PTR as 2 * N hexadecimal digits in lower case, and a NUL, into OUT. */
void str_hex(char *out, const void *ptr, size_t n);

/*
 * Copies S into OUT of SIZE bytes (at least 1) as text that can do no harm to a terminal or a log:
 * control bytes become \xHH, and so do bytes that are not UTF-8, the C1 controls and the marks
 * that turn the writing direction (U+200E, U+200F, U+202A-U+202E, U+2066-U+2069). Cut between
 * characters where it does not fit. Returns the length of what stands in OUT.
 */
size_t str_escape(char *out, size_t size, struct slice s);

#endif
