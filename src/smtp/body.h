/*
 * body: the bytes of a message out of what follows DATA or BDAT: finds the end of the data, takes
 * stuffed dots away (RFC 5321 4.5.2), and knows what must not be there.
 *
 * Only CR LF . CR LF ends the data. A bare CR, a bare LF or a NUL (RFC 5321 2.3.8) is a fault that
 * is remembered while reading goes on to the real end: two servers that disagree about the end are
 * how mail is smuggled. A lenient body, of a program on this machine, also ends its lines by LF
 * alone, and its data by a line with a dot; then only a NUL is a fault.
 */
#ifndef SMTP_BODY_H
#define SMTP_BODY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum smtp_body_at {
	SMTP_BODY_LINE_START,
	SMTP_BODY_IN_LINE,
	SMTP_BODY_CR,	  /* behind a CR */
	SMTP_BODY_DOT,	  /* behind a dot that began a line */
	SMTP_BODY_DOT_CR, /* and a CR behind that */
};

struct smtp_body {
	enum smtp_body_at at;
	bool dots; /* there are stuffed dots, and a lone one ends the data: DATA, not BDAT */
	bool lenient;
	bool faulty;   /* a byte was there that must not be */
	uint64_t size; /* bytes of the message so far */
};

/* A body at its beginning. */
#define SMTP_BODY_INIT(has_dots, is_lenient)                             \
	{                                                                \
		SMTP_BODY_LINE_START, (has_dots), (is_lenient), false, 0 \
	}

/*
 * Takes bytes off the front of *INPUT (one or more, where it holds any) and sets *OUT to those of
 * them that belong to the message: maybe none, valid as long as the input is. Returns true when the
 * end of the data has been taken; the rest of *INPUT is then what follows.
 */
bool smtp_body_next(struct smtp_body *body, struct slice *input, struct slice *out);

/* Is the message, which ends here, one without faults? */
bool smtp_body_is_clean(const struct smtp_body *body);

#endif
