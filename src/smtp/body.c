/*
 * body: see body.h.
 */
#include <config.h>

#include <string.h>

#include "mail/sweep.h"
#include "smtp/body.h"

#include "base/banned.h"

enum { PIECE = 4 << 10 }; /* so much is judged at once */

/*
 * Goes on over PART, which lies within one line: no LF but maybe as its last byte. Sets where that
 * leaves the body, and the fault of a bare CR or LF.
 */
static void
note_line(struct smtp_body *body, struct slice part)
{
	bool ends = part.len > 0 && part.ptr[part.len - 1] == '\n';
	bool after_cr = body->at == SMTP_BODY_CR;
	size_t text = part.len - (ends ? 1 : 0); /* bytes before the LF */
	size_t cr = str_find((struct slice){part.ptr, text}, '\r');
	bool last_is_cr = text > 0 ? part.ptr[text - 1] == '\r' : after_cr;
	bool bare = (after_cr && text > 0) || cr + 1 < text || (ends && !last_is_cr);

	body->faulty = body->faulty || (bare && !body->lenient);
	if (ends && (last_is_cr || body->lenient))
		body->at = SMTP_BODY_LINE_START;
	else
		body->at = last_is_cr && !ends ? SMTP_BODY_CR : SMTP_BODY_IN_LINE;
}

/*
 * What stands behind a dot that began a line: C ends the data (true), or the dot was a stuffed one
 * and C belongs to the line.
 */
static bool
ends_at_dot(struct smtp_body *body, char c)
{
	if (c == '\n' && (body->at == SMTP_BODY_DOT_CR || body->lenient))
		return true;
	/* The CR of `.CR x` is bare; a strict body forgets it, being faulty. */
	if (body->at == SMTP_BODY_DOT_CR)
		body->faulty = body->faulty || !body->lenient;
	body->at = SMTP_BODY_IN_LINE;
	return false;
}

/* Takes dots that begin a line off *INPUT. Returns true at the end of the data. */
static bool
take_dot(struct smtp_body *body, struct slice *input)
{
	while (input->len > 0 && body->at != SMTP_BODY_IN_LINE && body->at != SMTP_BODY_CR) {
		char c = input->ptr[0];

		if (body->at == SMTP_BODY_LINE_START && (c != '.' || !body->dots))
			return false;
		if (body->at == SMTP_BODY_LINE_START)
			body->at = SMTP_BODY_DOT;
		else if (body->at == SMTP_BODY_DOT && c == '\r')
			body->at = SMTP_BODY_DOT_CR;
		else if (!ends_at_dot(body, c))
			return false;
		else
			body->at = SMTP_BODY_LINE_START;
		input->ptr++;
		input->len--;
		if (body->at == SMTP_BODY_LINE_START)
			return true;
	}
	return false;
}

/*
 * The length of the piece at the front of INPUT, if there is nothing in it to be looked at: it has
 * whole CRLFs, and no dot that begins a line. Sets where that leaves the body. 0 else, and LOOKED
 * is how much there is to be looked at.
 */
static size_t
take_piece(struct smtp_body *body, struct slice input, size_t *looked)
{
	struct slice piece = {input.ptr, input.len < PIECE ? input.len : PIECE};
	bool at_begin = body->at == SMTP_BODY_LINE_START;

	if (piece.ptr[piece.len - 1] == '\r')
		piece.len--;
	*looked = piece.len;
	if ((!at_begin && body->at != SMTP_BODY_IN_LINE) || piece.len == 0 ||
	    !mail_sweep_is_wire(piece, at_begin, body->dots))
		return 0;
	body->at = piece.ptr[piece.len - 1] == '\n' ? SMTP_BODY_LINE_START : SMTP_BODY_IN_LINE;
	return piece.len;
}

/* The length of the line at the front of INPUT, of which note was taken. */
static size_t
take_line(struct smtp_body *body, struct slice input)
{
	size_t line = str_find(input, '\n');

	line += line < input.len ? 1 : 0;
	note_line(body, (struct slice){input.ptr, line});
	return line;
}

bool
smtp_body_next(struct smtp_body *body, struct slice *input, struct slice *out)
{
	bool done = take_dot(body, input);
	const char *begin = input->ptr;
	size_t slowly = 0; /* bytes that go line by line */

	while (!done && input->len > 0) {
		size_t taken = slowly == 0 ? take_piece(body, *input, &slowly) : 0;

		if (taken == 0)
			taken = take_line(body, *input);
		slowly -= taken < slowly ? taken : slowly;
		input->ptr += taken;
		input->len -= taken;
		/* A dot to be left out ends this piece. */
		if (body->at == SMTP_BODY_LINE_START && body->dots && input->len > 0 &&
		    input->ptr[0] == '.')
			break;
	}
	*out = str_range(begin, input->ptr);
	if (out->len > 0 && memchr(out->ptr, '\0', out->len) != NULL)
		body->faulty = true;
	body->size += out->len;
	return done;
}

bool
smtp_body_is_clean(const struct smtp_body *body)
{
	return !body->faulty && (body->lenient || body->at != SMTP_BODY_CR);
}
