/*
 * paragraph: text for a person's eyes: a word, and beside it a paragraph that is broken to fit the
 * terminal.
 */
#ifndef APP_PARAGRAPH_H
#define APP_PARAGRAPH_H

#include "base/buf.h"

enum { APP_PARAGRAPH_MARGIN = 13 }; /* columns before the text */

struct app_paragraph {
	struct buf *out;
	size_t width;	    /* columns; SIZE_MAX: each text on a line of its own */
	const char *colour; /* of the words, as a terminal's SGR has it; NULL: none */
};

/* A writer that appends to BUF what will be shown on FD. */
#define APP_PARAGRAPH_INIT(buf, fd)                    \
	{                                              \
		(buf), app_paragraph_columns(fd), NULL \
	}

/* The columns of the terminal on FD, at most 100; elsewhere 80. */
size_t app_paragraph_columns(int fd);

/* The columns that S, UTF-8, takes: a character each. */
size_t app_paragraph_columns_of(struct slice s);

/*
 * Appends WORD, and TEXT beside it, broken between words into as many lines as it takes; nothing
 * for an empty TEXT. Both are UTF-8, of which each character counts as a column; control bytes are
 * escaped.
 */
void app_paragraph_add(const struct app_paragraph *p, const char *word, const char *text);

#endif
