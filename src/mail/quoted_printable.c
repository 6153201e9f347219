/*
 * quoted_printable: see quoted_printable.h.
 */
#include <config.h>

#include <stdbool.h>

#include "mail/quoted_printable.h"

#include "base/banned.h"

/* What fits before the "=" of a soft line break. */
enum { WIDTH = MAIL_QUOTED_PRINTABLE_LINE_MAX - 1 };

/* May C stand for itself at COLUMN, which no line end follows? */
static bool
is_literal(char c, size_t column)
{
	if (c == ' ' || c == '\t')
		return true;
	if (column == 0 && (c == '.' || c == 'F'))
		return false;
	return c > 0x20 && c < 0x7f && c != '=';
}

/* Writes one byte, as itself if LITERAL, behind a soft line break where the line is full. */
static void
put(struct mail_quoted_printable *qp, struct buf *out, char c, bool literal)
{
	static const char hex[] = "0123456789ABCDEF";
	unsigned char byte = (unsigned char)c;

	if (qp->column + (literal ? 1 : 3) > WIDTH) {
		buf_adds(out, "=\r\n");
		qp->column = 0;
		literal = literal && is_literal(c, 0);
	}
	if (literal) {
		buf_addc(out, c);
		qp->column++;
	} else {
		const char encoded[] = {'=', hex[byte >> 4], hex[byte & 15]};

		buf_add(out, encoded, sizeof encoded);
		qp->column += sizeof encoded;
	}
}

static void
release(struct mail_quoted_printable *qp, struct buf *out, bool literal)
{
	if (qp->held != 0)
		put(qp, out, qp->held, literal);
	qp->held = 0;
}

void
mail_quoted_printable_add(struct mail_quoted_printable *qp, struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		release(qp, out, true);
		if (c == ' ' || c == '\t')
			qp->held = c;
		else
			put(qp, out, c, is_literal(c, qp->column));
	}
}

void
mail_quoted_printable_end_line(struct mail_quoted_printable *qp, struct buf *out)
{
	release(qp, out, false);
	buf_adds(out, "\r\n");
	qp->column = 0;
}
