/*
 * suggest: "did you mean": the known word that is nearest to one that was mistyped.
 *
 * The caller offers each word it knows and then looks at `best`:
 *     struct suggest s = suggest_for(word);
 *     for (...) suggest_offer(&s, row->name);
 */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stddef.h>

#include "base/str.h"

struct suggest {
	struct slice word;
	const char *best; /* borrowed from an offer; NULL while none is near enough */
	size_t distance;  /* best's; before, one more than is near enough */
};

/* Begins a search for what WORD was meant to be. A third of its letters may be wrong. */
struct suggest suggest_for(struct slice word);

/* Offers a word; it becomes the best where it is nearer than all before. */
void suggest_offer(struct suggest *s, const char *known);

/*
 * How many letters must be changed, added, dropped, or swapped with their neighbour to make B of A
 * (optimal string alignment, but for the case of ASCII letters). SIZE_MAX where either is longer
 * than 40 bytes.
 */
size_t suggest_distance(struct slice a, struct slice b);

#endif
