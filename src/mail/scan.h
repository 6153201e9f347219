/*
 * scan: what is in a text, found in one pass over its blocks at about the speed of memory.
 */
#ifndef MAIL_SCAN_H
#define MAIL_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* No line up to so many bytes without its end is measured: RFC 5321 4.5.3.1.6 lets all have them.
 */
enum { MAIL_SCAN_SHORT = 998 };

/* Zeros are a scan that has seen nothing. */
struct mail_scan {
	uint64_t bytes;	     /* without line ends */
	uint64_t line_ends;  /* of each kind that mail/line knows */
	uint64_t bare_crs;   /* those of them that were a CR alone */
	size_t longest;	     /* bytes of the longest line that is not short; 0: all are */
	size_t open;	     /* bytes of the last line, which has no end yet */
	bool has_8bit;	     /* a byte over 0x7f */
	uint64_t nul_line;   /* of the first NUL, from 1; 0 without one */
	uint64_t nul_column; /* its byte in that line, from 1 */
};

/* Goes over BLOCK, which must not end between a CR and its LF. */
void mail_scan_add(struct mail_scan *scan, struct slice block);

/* The size of the text as SMTP sends it: each line with CRLF, the last one too. */
uint64_t mail_scan_size(const struct mail_scan *scan);

#endif
