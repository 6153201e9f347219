/*
 * quoted_printable: encodes text so that it passes any server unchanged (RFC 2045 6.7): ASCII in
 * lines of at most 76 bytes, no blank at a line's end.
 *
 * At the start of a line "." and "F" are encoded too, so that neither dot stuffing nor an mbox's
 * `From ` finds anything to change. The result doesn't depend on how the text was cut into blocks.
 */
#ifndef MAIL_QUOTED_PRINTABLE_H
#define MAIL_QUOTED_PRINTABLE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"

enum { MAIL_QUOTED_PRINTABLE_LINE_MAX = 76 }; /* bytes without the line end */

/* Zeros are an encoder at the start of a line. */
struct mail_quoted_printable {
	size_t column; /* bytes in the line that is being written */
	char held;     /* a blank that may turn out to end a line; 0 without one */
};

/* Appends TEXT, a part of a line without its end, to OUT. */
void mail_quoted_printable_add(
    struct mail_quoted_printable *qp, struct buf *out, struct slice text);

/* Ends the line. */
void mail_quoted_printable_end_line(struct mail_quoted_printable *qp, struct buf *out);

#endif
