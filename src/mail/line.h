/*
 * line: cuts a block of a message into lines, the one place that knows what ends a line: LF, CRLF,
 * and a CR that no LF follows (RFC 5322 2.1 knows CRLF alone; what programs hand in has them all).
 *
 * A block must not end between a CR and its LF: a CR at the end of a block is taken for a bare one.
 * mail/content gives such blocks.
 */
#ifndef MAIL_LINE_H
#define MAIL_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct mail_line {
	struct slice text; /* without its end */
	bool ended;	   /* false at the end of a block that has not all of the line */
	bool bare_cr;	   /* ended by a CR alone */
};

struct mail_line_cutter {
	const char *at, *stop; /* what is left of the block */
	const char *lf, *cr;   /* the next of each at or behind at; stop where there is none */
};

/* Starts with BLOCK, which must stay as long as the cutter is used. */
void mail_line_start(struct mail_line_cutter *cutter, struct slice block);

/* The next line. False at the end of the block. */
bool mail_line_next(struct mail_line_cutter *cutter, struct mail_line *line);

#endif
