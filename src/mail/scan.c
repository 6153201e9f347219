/*
 * scan: see scan.h.
 */
#include <config.h>

#include <string.h>

#include "mail/line.h"
#include "mail/scan.h"
#include "mail/sweep.h"

#include "base/banned.h"

/* Where the NUL stands that follows HEAD, seen as the text goes on. */
static void
place_nul(struct mail_scan *scan, struct slice head)
{
	struct mail_scan before = *scan;

	mail_scan_add(&before, head);
	scan->nul_line = before.line_ends + 1;
	scan->nul_column = before.open + 1;
}

/* Takes note of a line that has now LEN bytes. */
static void
note(struct mail_scan *scan, size_t len)
{
	if (len > MAIL_SCAN_SHORT && len > scan->longest)
		scan->longest = len;
}

/* Measures the lines of BLOCK, whatever ends them. */
static void
measure_each(struct mail_scan *scan, struct slice block)
{
	struct mail_line_cutter cutter;
	struct mail_line line;

	mail_line_start(&cutter, block);
	while (mail_line_next(&cutter, &line)) {
		scan->open += line.text.len;
		note(scan, scan->open);
		if (line.ended)
			scan->open = 0;
	}
}

/*
 * Measures the lines of BLOCK, each of which an LF ends. It goes by leaps of what a short line may
 * have, back to the last end in that: so only lines that are not short are looked at one by one.
 */
static void
measure(struct mail_scan *scan, struct slice block)
{
	const char *at = block.ptr, *stop = block.ptr + block.len, *lf;

	while (scan->open + (size_t)(stop - at) > MAIL_SCAN_SHORT) {
		size_t leap = scan->open <= MAIL_SCAN_SHORT ? MAIL_SCAN_SHORT - scan->open : 0;

		lf = memrchr(at, '\n', leap);
		if (lf == NULL) {
			lf = memchr(at, '\n', (size_t)(stop - at));
			if (lf == NULL)
				break;
			note(scan, scan->open + (size_t)(lf - at) - (lf > at && lf[-1] == '\r'));
		}
		at = lf + 1;
		scan->open = 0;
	}
	lf = memrchr(at, '\n', (size_t)(stop - at));
	if (lf != NULL) {
		at = lf + 1;
		scan->open = 0;
	}
	scan->open += (size_t)(stop - at);
	note(scan, scan->open);
}

void
mail_scan_add(struct mail_scan *scan, struct slice block)
{
	struct mail_sweep sweep = mail_sweep_count(block);
	size_t nul = str_find(block, '\0'), bare_crs = sweep.crs - sweep.crlfs;

	if (block.len == 0)
		return;
	if (nul < block.len && scan->nul_line == 0)
		place_nul(scan, (struct slice){block.ptr, nul});
	scan->has_8bit = scan->has_8bit || sweep.has_8bit;
	scan->bytes += block.len - sweep.lfs - sweep.crs;
	scan->line_ends += sweep.lfs + bare_crs;
	scan->bare_crs += bare_crs;
	if (bare_crs > 0)
		measure_each(scan, block);
	else
		measure(scan, block);
}

uint64_t
mail_scan_size(const struct mail_scan *scan)
{
	return scan->bytes + 2 * (scan->line_ends + (scan->open > 0));
}
