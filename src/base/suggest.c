/*
 * suggest: see suggest.h.
 */
#include <config.h>

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/suggest.h"

#include "base/banned.h"

enum { WORD_MAXIMUM = 40 };

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool
same(char a, char b)
{
	return strncasecmp(&a, &b, 1) == 0;
}

size_t
suggest_distance(struct slice a, struct slice b)
{
	/* Distances between the first i letters of A and all beginnings of B: i, i - 1, i - 2. */
	size_t rows[3][WORD_MAXIMUM + 1], *now = rows[0], *last = rows[1], *before = rows[2];

	if (a.len > WORD_MAXIMUM || b.len > WORD_MAXIMUM)
		return SIZE_MAX;
	for (size_t j = 0; j <= b.len; j++)
		now[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t *free_row = before;

		before = last;
		last = now;
		now = free_row;
		now[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t changed = last[j - 1] + !same(a.ptr[i - 1], b.ptr[j - 1]);

			now[j] = smaller(changed, smaller(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && same(a.ptr[i - 1], b.ptr[j - 2]) &&
			    same(a.ptr[i - 2], b.ptr[j - 1]))
				now[j] = smaller(now[j], before[j - 2] + 1);
		}
	}
	return now[b.len];
}

struct suggest
suggest_for(struct slice word)
{
	return (struct suggest){word, NULL, (word.len + 1) / 3 + 1};
}

void
suggest_offer(struct suggest *s, const char *known)
{
	size_t distance = suggest_distance(s->word, str_slice(known));

	if (distance < s->distance) {
		s->best = known;
		s->distance = distance;
	}
}
