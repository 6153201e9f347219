/*
 * message_stream: the part of message.h that turns a message into the bytes that are sent.
 *
 * What is made is collected until it fills records, so that the client's writes stay whole; what is
 * behind the last full record waits for the next call. A body that needs no change, as most of a
 * big one (attachments), is copied by the piece.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "mail/line.h"
#include "mail/message.h"
#include "mail/message_inside.h"
#include "mail/quoted_printable.h"
#include "mail/sweep.h"

#include "base/banned.h"

enum {
	RECORD = 16 << 10,	   /* a TLS record: RFC 8446 5.1 */
	FILL = 4 * RECORD,	   /* at least so much is collected before a block is given */
	PIECE = 4 << 10,	   /* so much of a body goes as it is, or is cut into lines */
	GROWTH = 4,		   /* a body byte becomes at most so many: "=HH" and line breaks */
	SLACK = RECORD + (1 << 10) /* what waits, and the line end that is added */
};

struct mail_message_stream {
	const struct mail_message *message;
	struct buf out;
	size_t given;	  /* bytes of out that the caller has */
	bool header_done; /* the empty line behind it, too */
	bool stuffed;
	bool in_line; /* the body's last line has no end yet */
	bool complete;
	uint64_t at; /* in the content */
	struct mail_quoted_printable qp;
	char *room; /* message->block bytes */
};

struct mail_message_stream *
mail_message_stream_open(const struct mail_message *m, bool stuffed, struct err *e)
{
	struct mail_message_stream *s = calloc(1, sizeof *s);
	char *room = malloc(m->block);

	if (s == NULL || room == NULL) {
		free(s);
		free(room);
		(void)err_set(e, EX_TEMPFAIL, "no memory for the message");
		return NULL;
	}
	*s = (struct mail_message_stream){
	    .message = m,
	    .out = BUF_INIT(SLACK + FILL + 2 * m->header.len + GROWTH * m->block),
	    .stuffed = stuffed,
	    .at = m->body_at,
	    .room = room,
	};
	return s;
}

/* Copies N bytes of FROM to TO: where they end there. */
static char *
copy(char *to, const char *from, size_t n)
{
	memcpy(to, from, n);
	return to + n;
}

/* Adds the lines of PIECE, made what SMTP sends. */
static void
add_lines(struct mail_message_stream *s, struct slice piece)
{
	/* Each byte becomes two at the most. */
	char *begin = buf_room(&s->out, 2 * piece.len), *to = begin;
	struct mail_line_cutter cutter;
	struct mail_line line;

	if (begin == NULL)
		return;
	mail_line_start(&cutter, piece);
	while (mail_line_next(&cutter, &line)) {
		if (s->stuffed && !s->in_line && line.text.len > 0 && line.text.ptr[0] == '.')
			*to++ = '.';
		to = copy(to, line.text.ptr, line.text.len);
		if (line.ended)
			to = copy(to, "\r\n", 2);
		s->in_line = !line.ended;
	}
	buf_grew(&s->out, (size_t)(to - begin));
}

/* Adds PIECE, which is what SMTP sends. */
static void
add_wire(struct mail_message_stream *s, struct slice piece)
{
	buf_add_slice(&s->out, piece);
	if (piece.len > 0)
		s->in_line = piece.ptr[piece.len - 1] != '\n';
}

/* Takes off *BLOCK a piece that does not part a CR from its LF. */
static struct slice
cut_piece(struct slice *block)
{
	struct slice piece = {block->ptr, block->len < PIECE ? block->len : PIECE};

	if (piece.len < block->len && piece.ptr[piece.len - 1] == '\r')
		piece.len--;
	*block = (struct slice){block->ptr + piece.len, block->len - piece.len};
	return piece;
}

/* Adds BLOCK, of the header or of a body that goes as it is. */
static void
add_plain(struct mail_message_stream *s, struct slice block)
{
	while (block.len > 0) {
		struct slice piece = cut_piece(&block);

		if (mail_sweep_is_wire(piece, !s->in_line, s->stuffed))
			add_wire(s, piece);
		else
			add_lines(s, piece);
	}
}

static void
end_encoded_line(struct mail_message_stream *s)
{
	mail_quoted_printable_end_line(&s->qp, &s->out);
	s->in_line = false;
}

static void
add_encoded(struct mail_message_stream *s, struct slice block)
{
	struct mail_line_cutter cutter;
	struct mail_line line;

	mail_line_start(&cutter, block);
	while (mail_line_next(&cutter, &line)) {
		mail_quoted_printable_add(&s->qp, &s->out, line.text);
		s->in_line = true;
		if (line.ended)
			end_encoded_line(s);
	}
}

static int
add_body(struct mail_message_stream *s, struct err *e)
{
	const struct mail_message *m = s->message;
	struct slice block;

	if (mail_content_read(&m->content, s->at, s->room, m->block, &block, e) != 0)
		return -1;
	if (m->encoded)
		add_encoded(s, block);
	else
		add_plain(s, block);
	s->at += block.len;
	return 0;
}

/* What comes next: header, body, the line end that is missing. */
static int
fill(struct mail_message_stream *s, struct err *e)
{
	int result = 0;

	if (!s->header_done) {
		add_plain(s, buf_slice(&s->message->header));
		buf_adds(&s->out, "\r\n");
		s->header_done = true;
	} else if (s->at < s->message->content.size)
		result = add_body(s, e);
	else if (s->in_line && s->message->encoded)
		end_encoded_line(s);
	else if (s->in_line)
		add_plain(s, str_slice("\n"));
	else {
		s->complete = true;
		result = mail_content_check(&s->message->content, e);
	}
	if (result == 0 && s->out.full)
		return err_set(e, EX_TEMPFAIL, "no memory for the message");
	return result;
}

int
mail_message_stream_next(struct mail_message_stream *s, struct slice *block, struct err *e)
{
	buf_consume(&s->out, s->given);
	s->given = 0;
	while (s->out.len < FILL && !s->complete) {
		if (fill(s, e) != 0)
			return -1;
	}
	s->given = s->complete ? s->out.len : s->out.len / RECORD * RECORD;
	*block = (struct slice){s->out.data, s->given};
	return s->given > 0;
}

void
mail_message_stream_close(struct mail_message_stream *s)
{
	if (s == NULL)
		return;
	buf_free(&s->out);
	free(s->room);
	free(s);
}
