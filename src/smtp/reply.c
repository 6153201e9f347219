/*
 * reply: see reply.h.
 */
#include <config.h>

#include <string.h>

#include "smtp/reply.h"

#include "base/banned.h"

enum { SHOWN_MAX = 80 }; /* bytes of a bad line that are shown */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * Cuts the enhanced status code (class.subject.detail, RFC 3463 2) and the blanks behind it off the
 * start of *TEXT. Returns the slice without a value where there is none.
 */
static struct slice
cut_enhanced(struct slice *text)
{
	size_t i = 0;

	for (int part = 0; part < 3; part++) {
		size_t begin = i;

		while (i < text->len && is_digit(text->ptr[i]))
			i++;
		if (i == begin || i - begin > 3 || (part == 0 && i - begin > 1))
			return (struct slice){NULL, 0};
		if (part < 2 && (i == text->len || text->ptr[i++] != '.'))
			return (struct slice){NULL, 0};
	}
	if (i < text->len && text->ptr[i] != ' ')
		return (struct slice){NULL, 0};

	struct slice code = {text->ptr, i};

	while (i < text->len && text->ptr[i] == ' ')
		i++;
	*text = (struct slice){text->ptr + i, text->len - i};
	return code;
}

/* LINE is no reply. A NUL in it does not end what is shown. */
static int
fail_line(struct slice line, struct err *e)
{
	char shown[4 * SHOWN_MAX + 1];

	line.len = line.len < SHOWN_MAX ? line.len : SHOWN_MAX;
	(void)str_escape(shown, sizeof shown, line);
	return err_set(e, EX_PROTOCOL, "the server said what is no reply: '%s'", shown);
}

/* Takes LINE, without its line end, into the reply. */
static int
take_line(struct smtp_reply *reply, struct slice line, struct err *e)
{
	uint64_t code;
	struct slice text, enhanced;
	bool last = line.len == 3 || (line.len > 3 && line.ptr[3] == ' ');

	if (line.len < 3 || !str_number((struct slice){line.ptr, 3}, 200, 599, &code) ||
	    (!last && line.ptr[3] != '-'))
		return fail_line(line, e);
	if (reply->lines > 0 && (int)code != reply->code)
		return err_set(e, EX_PROTOCOL,
		    "the server changed its code within a reply: %d, then %d", reply->code,
		    (int)code);
	if (++reply->lines > SMTP_REPLY_LINES_MAX)
		return err_set(
		    e, EX_PROTOCOL, "a reply of more than %d lines", SMTP_REPLY_LINES_MAX);
	reply->code = (int)code;
	text = line.len > 4 ? (struct slice){line.ptr + 4, line.len - 4} : str_slice("");
	enhanced = cut_enhanced(&text);
	if (enhanced.ptr != NULL && reply->enhanced[0] == '\0')
		(void)str_copy(reply->enhanced, sizeof reply->enhanced, enhanced);
	if (reply->lines > 1)
		buf_addc(&reply->text, '\n');
	buf_add_slice(&reply->text, text);
	reply->done = last;
	return reply->text.full ? err_set(e, EX_PROTOCOL, "a reply without an end") : 0;
}

/* The longest line that may come next. */
static size_t
line_limit(struct slice input)
{
	bool challenge = input.len >= 3 && memcmp(input.ptr, "334", 3) == 0;

	return challenge ? SMTP_REPLY_AUTH_LINE_MAX : SMTP_REPLY_LINE_MAX;
}

int
smtp_reply_parse(struct smtp_reply *reply, struct slice *input, struct err *e)
{
	while (!reply->done) {
		size_t limit = line_limit(*input);
		size_t end = str_find(*input, '\n');
		struct slice line = {input->ptr, end};

		if (end > limit)
			return err_set(
			    e, EX_PROTOCOL, "a reply line of more than %zu bytes", limit);
		if (end == input->len)
			return 0;
		if (line.len > 0 && line.ptr[line.len - 1] == '\r')
			line.len--;
		*input = (struct slice){input->ptr + end + 1, input->len - end - 1};
		if (take_line(reply, line, e) != 0)
			return -1;
	}
	return 1;
}

bool
smtp_reply_is(const struct smtp_reply *reply, int hundreds)
{
	return reply->code / 100 == hundreds;
}

/* Appends the codes of a reply that a server gave. */
static void
add_codes(const struct smtp_reply *reply, struct buf *out)
{
	if (reply->ours)
		return;
	buf_addf(out, "%d", reply->code);
	if (reply->enhanced[0] != '\0')
		buf_addf(out, " %s", reply->enhanced);
}

/* Appends the text, its lines joined by a blank, which also stands before it where BEHIND codes. */
static void
add_text(const struct smtp_reply *reply, bool behind, struct buf *out)
{
	struct slice rest = buf_slice(&reply->text);
	bool more = behind;

	while (rest.ptr != NULL) {
		struct slice line = str_trim(str_cut(&rest, '\n'));

		if (line.len > 0 && more)
			buf_addc(out, ' ');
		more = more || line.len > 0;
		buf_add_escaped(out, line);
	}
}

void
smtp_reply_print(const struct smtp_reply *reply, struct buf *out)
{
	add_codes(reply, out);
	add_text(reply, !reply->ours, out);
}

struct explain_verdict
smtp_reply_explain(const struct smtp_reply *reply, enum explain_stage stage, const char *provider)
{
	const struct explain_question question = {
	    .stage = stage,
	    .provider = provider,
	    .code = reply->code,
	    .enhanced = reply->enhanced,
	    .text = buf_slice(&reply->text),
	};

	return explain_reply(&question);
}

int
smtp_reply_fail(const struct smtp_reply *reply, int ex, const char *what, struct err *e)
{
	struct buf codes = BUF_INIT(64), text = BUF_INIT(4 * SMTP_REPLY_TEXT_MAX);

	add_codes(reply, &codes);
	add_text(reply, false, &text);
	if (reply->ours) {
		(void)err_set(e, ex, "%s", buf_text(&text));
	} else {
		(void)err_set(e, ex, "%s: %s", what, buf_text(&codes));
		(void)err_say(e, buf_slice(&text));
	}
	e->code = reply->code;
	(void)str_copy(e->enhanced, sizeof e->enhanced, str_slice(reply->enhanced));
	buf_free(&codes);
	buf_free(&text);
	return -1;
}

void
smtp_reply_move(struct smtp_reply *to, struct smtp_reply *from)
{
	buf_free(&to->text);
	*to = *from;
	*from = (struct smtp_reply)SMTP_REPLY_INIT;
}

void
smtp_reply_reset(struct smtp_reply *reply)
{
	buf_free(&reply->text);
	*reply = (struct smtp_reply)SMTP_REPLY_INIT;
}
