/*
 * content: see content.h.
 */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>

#include "smtp/content.h"

#include "base/banned.h"

enum {
	/* A block that is shorter is the last (mail/message.h). It goes out with the end. */
	BLOCK_MIN = 32 << 10,
	BEHIND_MAX = 1 << 20, /* what goes out behind the end */
};

static int
write_out(struct smtp_dialogue *d, struct slice data, struct err *e)
{
	return net_stream_write(d->stream, data, smtp_dialogue_deadline(d, SMTP_DIALOGUE_BLOCK), e);
}

/* Shows LINE, which goes out, and appends it to OUT. */
static void
add_line(const struct smtp_dialogue *d, const char *line, struct buf *out)
{
	net_transcript_line(d->transcript, NET_TRANSCRIPT_CLIENT, str_slice(line));
	buf_addf(out, "%s\r\n", line);
}

/* A message on its way: what is written in small pieces is gathered in TAIL. */
struct writer {
	struct smtp_dialogue *dialogue;
	struct smtp_content_way way;
	uint64_t size; /* of the message, without stuffing */
	uint64_t sent; /* bytes of content */
	struct buf tail;
};

/* Opens the chunk. It holds so many bytes, and what followed would be taken for commands. */
static void
open_chunk(struct writer *w)
{
	char line[64];

	(void)snprintf(line, sizeof line, "BDAT %" PRIu64, w->size);
	add_line(w->dialogue, line, &w->tail);
}

static int
changed(struct err *e)
{
	return err_set(e, EX_IOERR, "the message was changed while it was sent");
}

static int
write_tail(struct writer *w, struct err *e)
{
	int rc = w->tail.full ? err_set(e, EX_TEMPFAIL, "no memory for the message")
			      : write_out(w->dialogue, buf_slice(&w->tail), e);

	buf_reset(&w->tail);
	return rc;
}

static int
write_block(struct writer *w, struct slice block, struct err *e)
{
	w->sent += block.len;
	if (w->way.chunked && w->sent > w->size)
		return changed(e);
	if (block.len < BLOCK_MIN) {
		buf_add_slice(&w->tail, block);
		return 0;
	}
	if (w->tail.len > 0 && write_tail(w, e) != 0)
		return -1;
	return write_out(w->dialogue, block, e);
}

/*
 * The end, with what waits, in one write. A server that speaks before it has not understood where
 * the message ends: its reply would be taken for the one to the message. A chunk of which nothing
 * is left to write may be answered, though.
 */
static int
write_end(struct writer *w, struct err *e)
{
	struct smtp_dialogue *d = w->dialogue;

	if (w->way.chunked && w->sent != w->size)
		return changed(e);
	net_stream_drain(d->stream);
	if ((!w->way.chunked || w->tail.len > 0) && net_stream_input(d->stream).len > 0)
		return err_set(e, EX_PROTOCOL, "the server answers before the message has ended");
	net_transcript_remark(d->transcript, "%" PRIu64 " bytes of content", w->sent);
	if (w->way.ended)
		add_line(d, w->way.chunked ? "BDAT 0 LAST" : ".", &w->tail);
	smtp_dialogue_take(d, &w->tail);
	return w->tail.len > 0 ? write_tail(w, e) : 0;
}

static int
write_all(struct writer *w, struct mail_message_stream *stream, struct err *e)
{
	struct slice block;
	int rc;

	if (w->way.chunked)
		open_chunk(w);
	while ((rc = mail_message_stream_next(stream, &block, e)) == 1) {
		if (write_block(w, block, e) != 0)
			return -1;
	}
	return rc == 0 ? write_end(w, e) : -1;
}

int
smtp_content_write(struct smtp_dialogue *d, const struct mail_message *message,
    struct smtp_content_way way, struct err *e)
{
	struct writer w = {
	    .dialogue = d,
	    .way = way,
	    .size = mail_message_facts(message).size,
	    .tail = BUF_INIT(BLOCK_MIN + 128 + BEHIND_MAX),
	};
	struct mail_message_stream *stream = mail_message_stream_open(message, !way.chunked, e);
	int rc = stream != NULL ? write_all(&w, stream, e) : -1;

	mail_message_stream_close(stream);
	buf_free(&w.tail);
	if (rc != 0)
		d->over = true;
	return rc;
}
