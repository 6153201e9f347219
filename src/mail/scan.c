/*
 * scan: see scan.h.
 */
#include <config.h>

#include <string.h>

#include "mail/line.h"
#include "mail/scan.h"

#include "base/banned.h"

/* str_has_8bit, eight bytes at a time. */
static bool
has_8bit(struct slice block)
{
	uint64_t seen = 0;
	size_t i = 0;

	for (; i + sizeof seen <= block.len; i += sizeof seen) {
		uint64_t word;

		memcpy(&word, block.ptr + i, sizeof word);
		seen |= word;
	}
	return (seen & 0x8080808080808080U) != 0 ||
	       str_has_8bit((struct slice){block.ptr + i, block.len - i});
}

/* Where the NUL stands that follows HEAD, seen as the text goes on. */
static void
place_nul(struct mail_scan *scan, struct slice head)
{
	struct mail_scan before = *scan;

	mail_scan_add(&before, head);
	scan->nul_line = before.line_ends + 1;
	scan->nul_column = before.open + 1;
}

void
mail_scan_add(struct mail_scan *scan, struct slice block)
{
	struct mail_line_cutter cutter;
	struct mail_line line;
	size_t nul = str_find(block, '\0');

	if (block.len == 0)
		return;
	if (nul < block.len && scan->nul_line == 0)
		place_nul(scan, (struct slice){block.ptr, nul});
	scan->has_8bit = scan->has_8bit || has_8bit(block);
	mail_line_start(&cutter, block);
	while (mail_line_next(&cutter, &line)) {
		scan->bytes += line.text.len;
		scan->open += line.text.len;
		if (scan->open > scan->longest)
			scan->longest = scan->open;
		if (line.ended)
			scan->open = 0;
		scan->line_ends += line.ended;
		scan->bare_crs += line.bare_cr;
	}
}

uint64_t
mail_scan_size(const struct mail_scan *scan)
{
	return scan->bytes + 2 * (scan->line_ends + (scan->open > 0));
}
