/*
 * message_stream: the part of message.h that turns a message into the bytes that are sent.
 *
 * What is made is collected until it fills records, so that the client's writes stay whole; what is
 * behind the last full record waits for the next call.
 */
#include <config.h>

#include <stdlib.h>

#include "mail/line.h"
#include "mail/message.h"
#include "mail/message_inside.h"
#include "mail/quoted_printable.h"

#include "base/banned.h"

enum {
	RECORD = 16 << 10,	   /* a TLS record: RFC 8446 5.1 */
	FILL = 4 * RECORD,	   /* at least so much is collected before a block is given */
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

/* Adds TEXT, a line or a part of one, of the header or of a body that goes as it is. */
static void
add_line(struct mail_message_stream *s, struct slice text, bool ended)
{
	if (s->stuffed && !s->in_line && text.len > 0 && text.ptr[0] == '.')
		buf_addc(&s->out, '.');
	buf_add_slice(&s->out, text);
	if (ended)
		buf_adds(&s->out, "\r\n");
	s->in_line = !ended;
}

static void
add_encoded_line(struct mail_message_stream *s, struct slice text, bool ended)
{
	mail_quoted_printable_add(&s->qp, &s->out, text);
	if (ended)
		mail_quoted_printable_end_line(&s->qp, &s->out);
	s->in_line = !ended;
}

static void
add_lines(struct mail_message_stream *s, struct slice block, bool encoded)
{
	struct mail_line_cutter cutter;
	struct mail_line line;

	mail_line_start(&cutter, block);
	while (mail_line_next(&cutter, &line)) {
		if (encoded)
			add_encoded_line(s, line.text, line.ended);
		else
			add_line(s, line.text, line.ended);
	}
}

static int
add_body(struct mail_message_stream *s, struct err *e)
{
	const struct mail_message *m = s->message;
	struct slice block;

	if (mail_content_read(&m->content, s->at, s->room, m->block, &block, e) != 0)
		return -1;
	add_lines(s, block, m->encoded);
	s->at += block.len;
	return 0;
}

/* What comes next: header, body, the line end that is missing. */
static int
fill(struct mail_message_stream *s, struct err *e)
{
	int result = 0;

	if (!s->header_done) {
		add_lines(s, buf_slice(&s->message->header), false);
		buf_adds(&s->out, "\r\n");
		s->header_done = true;
	} else if (s->at < s->message->content.size)
		result = add_body(s, e);
	else if (s->in_line && s->message->encoded)
		add_encoded_line(s, (struct slice){NULL, 0}, true);
	else if (s->in_line)
		add_line(s, (struct slice){NULL, 0}, true);
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
