/*
 * line: see line.h.
 */
#include <config.h>

#include <string.h>

#include "mail/line.h"

#include "base/banned.h"

static const char *
find(const char *at, const char *stop, char c)
{
	const char *found = at < stop ? memchr(at, c, (size_t)(stop - at)) : NULL;

	return found != NULL ? found : stop;
}

void
mail_line_start(struct mail_line_cutter *cutter, struct slice block)
{
	cutter->at = block.ptr;
	cutter->stop = block.len > 0 ? block.ptr + block.len : block.ptr;
	cutter->lf = find(cutter->at, cutter->stop, '\n');
	cutter->cr = find(cutter->at, cutter->stop, '\r');
}

bool
mail_line_next(struct mail_line_cutter *cutter, struct mail_line *line)
{
	const char *end = cutter->cr < cutter->lf ? cutter->cr : cutter->lf;
	bool is_cr = end < cutter->stop && end == cutter->cr;
	bool is_crlf = is_cr && end + 1 < cutter->stop && end + 1 == cutter->lf;

	if (cutter->at == cutter->stop)
		return false;
	line->text = str_range(cutter->at, end);
	line->ended = end < cutter->stop;
	line->bare_cr = is_cr && !is_crlf;
	cutter->at = end + line->ended + is_crlf;
	/* Each is sought anew only when it was passed: text without CRs costs one search a line. */
	if (cutter->lf < cutter->at)
		cutter->lf = find(cutter->at, cutter->stop, '\n');
	if (cutter->cr < cutter->at)
		cutter->cr = find(cutter->at, cutter->stop, '\r');
	return true;
}
