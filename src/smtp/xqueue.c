/*
 * xqueue: see xqueue.h.
 */
#include <config.h>

#include "base/file.h"
#include "smtp/xqueue.h"

#include "base/banned.h"

enum { LINE_MAX_BYTES = 256 };

/* Takes N bytes that follow into FD. */
static int
take(struct smtp_client *c, uint64_t n, int fd, struct err *e)
{
	struct smtp_dialogue *d = &c->dialogue;

	while (n > 0) {
		struct slice input = net_stream_input(d->stream);

		if (input.len == 0) {
			int got = net_stream_fill(
			    d->stream, smtp_dialogue_deadline(d, SMTP_DIALOGUE_COMMAND), e);

			if (got == 0)
				return err_set(e, EX_TEMPFAIL, "imbucad ended amid its answer");
			if (got < 0)
				return -1;
			continue;
		}
		if (input.len > n)
			input.len = (size_t)n;
		if (file_write(fd, "the queue's answer", input.ptr, input.len, e) != 0)
			return -1;
		net_stream_consume(d->stream, input.len);
		n -= input.len;
	}
	return 0;
}

static int
refuse(const struct smtp_reply *reply, struct err *e)
{
	static const struct {
		int code, ex;
	} rows[] = {{500, EX_UNAVAILABLE}, {550, EX_NOINPUT}, {554, EX_DATAERR}};
	struct buf text = BUF_INIT(SMTP_REPLY_TEXT_MAX);
	int ex = reply->code < 500 ? EX_TEMPFAIL : EX_PROTOCOL;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].code == reply->code)
			ex = rows[i].ex;
	}
	buf_add_escaped(&text, buf_slice(&reply->text));
	(void)err_set(e, ex, "%s", buf_text(&text));
	buf_free(&text);
	return -1;
}

int
smtp_xqueue(struct smtp_client *c, const char *request, int fd, struct err *e)
{
	struct smtp_reply reply = SMTP_REPLY_INIT;
	struct buf line = BUF_INIT(LINE_MAX_BYTES);
	struct slice words;
	uint64_t follow = 0;
	int rc;

	if ((c->ehlo.extensions & SMTP_EHLO_XQUEUE) == 0)
		return err_set(e, EX_UNAVAILABLE, "the server has no queue to show");
	buf_addf(&line, "XQUEUE %s", request);
	rc = smtp_dialogue_ask(&c->dialogue, buf_text(&line), SMTP_DIALOGUE_COMMAND, &reply, e);
	words = buf_slice(&reply.text);
	if (rc == 0 && !smtp_reply_is(&reply, 2))
		rc = refuse(&reply, e);
	else if (rc == 0 && (!str_number(str_cut(&words, ' '), 0, INT64_MAX, &follow) ||
				(fd == -1 && follow > 0)))
		rc = err_set(e, EX_PROTOCOL, "imbucad's answer cannot be understood");
	if (rc == 0)
		rc = take(c, follow, fd, e);
	smtp_reply_reset(&reply);
	buf_free(&line);
	return rc;
}
