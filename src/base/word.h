/*
 * word: words that stand for a number, in a table whose last row has no text.
 */
#ifndef BASE_WORD_H
#define BASE_WORD_H

#include <stdbool.h>

#include "base/str.h"

struct word {
	const char *text;
	unsigned value;
};

/* Sets *OUT to what TEXT stands for, its case aside. False where it is no word of WORDS. */
bool word_parse(const struct word *words, struct slice text, unsigned *out);

/* The first word for VALUE; "" without one. */
const char *word_for(const struct word *words, unsigned value);

#endif
