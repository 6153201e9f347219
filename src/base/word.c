/*
 * word: see word.h.
 */
#include <config.h>

#include "base/word.h"

#include "base/banned.h"

bool
word_parse(const struct word *words, struct slice text, unsigned *out)
{
	for (; words->text != NULL; words++) {
		if (str_is_nocase(text, words->text)) {
			*out = words->value;
			return true;
		}
	}
	return false;
}

const char *
word_for(const struct word *words, unsigned value)
{
	while (words->text != NULL && words->value != value)
		words++;
	return words->text != NULL ? words->text : "";
}
