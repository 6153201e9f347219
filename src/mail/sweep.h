/*
 * sweep: what can be told of a block of a message many bytes at a time: most text can be counted
 * and judged without being cut into lines (mail/line).
 *
 * A block must not begin or end between a CR and its LF.
 */
#ifndef MAIL_SWEEP_H
#define MAIL_SWEEP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct mail_sweep {
	size_t lfs;
	size_t crs;
	size_t crlfs;  /* pairs of them */
	bool has_8bit; /* a byte over 0x7f */
};

/* What is in BLOCK. */
struct mail_sweep mail_sweep_count(struct slice block);

/*
 * Is BLOCK, which begins a line where AT_BEGIN, already what SMTP sends: are its line ends CRLF and
 * nothing else, and, where it is to be STUFFED, does no line begin with a dot?
 */
bool mail_sweep_is_wire(struct slice block, bool at_begin, bool stuffed);

#endif
