/*
 * server: see server.h. Here are the replies, the input and the answers; server_command.c has the
 * commands.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "smtp/refusal.h"
#include "smtp/server_inside.h"

#include "base/banned.h"

/* --- replies --- */

void
smtp_server_reply(struct smtp_server *s, int code, const char *enhanced, const char *text)
{
	buf_addf(&s->output, "%d %s%s", code, enhanced, enhanced[0] != '\0' ? " " : "");
	for (const char *c = text; *c != '\0'; c++)
		buf_addc(&s->output, *c >= ' ' && *c < 0x7f ? *c : '?');
	buf_adds(&s->output, "\r\n");
}

void
smtp_server_say(struct smtp_server *s, const struct err *e)
{
	if (e->code >= 400)
		smtp_server_reply(s, e->code, e->enhanced, e->msg);
	else if (e->ex == EX_TEMPFAIL)
		smtp_server_reply(
		    s, 451, "4.3.0", "Something is wrong here, please try again later");
	else
		smtp_server_reply(s, 554, "5.3.0", "Something is wrong here");
}

/* Says no and counts it in COUNT, of which MAX are too many. */
static enum smtp_server_event
say_and_count(struct smtp_server *s, const struct err *e, unsigned *count, unsigned max)
{
	smtp_server_say(s, e);
	if (++*count < max)
		return SMTP_SERVER_NEED_INPUT;
	return smtp_server_hang_up(s, 421, "4.7.0", "Too many errors");
}

enum smtp_server_event
smtp_server_mistake(struct smtp_server *s, const struct err *e)
{
	return say_and_count(s, e, &s->errors, SMTP_SERVER_ERRORS_MAX);
}

enum smtp_server_event
smtp_server_wrong(struct smtp_server *s, int code, const char *enhanced, const char *text)
{
	struct err e = ERR_INIT;

	(void)smtp_refusal(&e, code, enhanced, "%s", text);
	return smtp_server_mistake(s, &e);
}

enum smtp_server_event
smtp_server_hang_up(struct smtp_server *s, int code, const char *enhanced, const char *text)
{
	smtp_server_reply(s, code, enhanced, text);
	s->mode = SMTP_SERVER_TAKES_NOTHING;
	return SMTP_SERVER_CLOSE;
}

enum smtp_server_event
smtp_server_ask(struct smtp_server *s, enum smtp_server_event event)
{
	s->asked = event;
	s->answers = 1;
	return event;
}

void
smtp_server_forget(struct smtp_server *s)
{
	if ((s->state & SMTP_SERVER_IN_TRANSACTION) != 0)
		s->state = SMTP_SERVER_IN_GREETED;
	s->recipients = 0;
	s->smtputf8 = false;
}

/* --- input --- */

/* An answer to a challenge. */
static enum smtp_server_event
respond(struct smtp_server *s, struct slice line, struct smtp_server_detail *detail)
{
	s->mode = SMTP_SERVER_TAKES_COMMANDS;
	if (str_is(line, "*"))
		return smtp_server_wrong(s, 501, "5.7.0", "As you like");
	detail->response = line;
	return smtp_server_ask(s, SMTP_SERVER_RESPONSE);
}

/* Takes one line and does what it says. */
static enum smtp_server_event
take_line(struct smtp_server *s, struct slice *input, struct smtp_server_detail *detail)
{
	size_t max = s->mode == SMTP_SERVER_TAKES_EXCHANGE || str_begins_nocase(*input, "AUTH ")
			 ? SMTP_SERVER_AUTH_LINE_MAX
			 : SMTP_SERVER_LINE_MAX;
	struct slice rest = *input;
	struct slice line = str_cut(&rest, '\n');

	if (line.len > max)
		return smtp_server_hang_up(s, 500, "5.5.2", "The line is too long");
	if (rest.ptr == NULL)
		return SMTP_SERVER_NEED_INPUT;
	*input = rest;
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	else if (!s->params->lenient)
		return smtp_server_hang_up(s, 500, "5.5.2", "A line ends with CR LF");
	if (str_find(line, '\r') < line.len || str_find(line, '\0') < line.len)
		return smtp_server_hang_up(
		    s, 500, "5.5.2", "There is a CR or a NUL within the line");
	return s->mode == SMTP_SERVER_TAKES_EXCHANGE ? respond(s, line, detail)
						     : smtp_server_command(s, line, input, detail);
}

/* The message is there. */
static enum smtp_server_event
complete(struct smtp_server *s)
{
	unsigned answers = s->each ? s->recipients : 1;

	s->mode = SMTP_SERVER_TAKES_COMMANDS;
	if (!smtp_body_is_clean(&s->body))
		return smtp_server_hang_up(
		    s, 550, "5.6.0", "There is a bare CR, a bare LF or a NUL in it");
	if (s->body.size > s->params->max_size) {
		while (answers-- > 0)
			smtp_server_reply(s, 552, "5.3.4", "The message is too big");
		smtp_server_forget(s);
		return SMTP_SERVER_RESET;
	}
	(void)smtp_server_ask(s, SMTP_SERVER_MESSAGE);
	s->answers = answers;
	return SMTP_SERVER_MESSAGE;
}

/* What of a message is worth handing on. */
static enum smtp_server_event
hand_on(const struct smtp_server *s, struct slice piece, struct smtp_server_detail *detail)
{
	detail->body = piece;
	if (piece.len == 0 || s->body.faulty || s->body.size > s->params->max_size)
		return SMTP_SERVER_NEED_INPUT;
	return SMTP_SERVER_BODY;
}

static enum smtp_server_event
take_data(struct smtp_server *s, struct slice *input, struct smtp_server_detail *detail)
{
	struct slice piece;

	if (smtp_body_next(&s->body, input, &piece))
		return complete(s);
	/* A message is read to its end to be refused, but not without an end. */
	if (s->body.size / 2 > s->params->max_size)
		return smtp_server_hang_up(s, 552, "5.3.4", "The message is far too big");
	return hand_on(s, piece, detail);
}

static enum smtp_server_event
end_chunk(struct smtp_server *s)
{
	struct buf out = BUF_INIT(64);

	if (s->last)
		return complete(s);
	s->mode = SMTP_SERVER_TAKES_COMMANDS;
	buf_addf(&out, "%llu bytes taken", (unsigned long long)s->chunk_size);
	smtp_server_reply(s, 250, "2.0.0", buf_text(&out));
	buf_free(&out);
	return SMTP_SERVER_NEED_INPUT;
}

static enum smtp_server_event
take_chunk(struct smtp_server *s, struct slice *input, struct smtp_server_detail *detail)
{
	struct slice part = {input->ptr, input->len};
	struct slice piece;

	if (s->chunk == 0)
		return end_chunk(s);
	if (part.len > s->chunk)
		part.len = (size_t)s->chunk;
	s->chunk -= part.len;
	input->ptr += part.len;
	input->len -= part.len;
	(void)smtp_body_next(&s->body, &part, &piece);
	return hand_on(s, piece, detail);
}

static enum smtp_server_event
skip_chunk(struct smtp_server *s, struct slice *input, struct smtp_server_detail *detail)
{
	size_t n = input->len < s->chunk ? input->len : (size_t)s->chunk;

	(void)detail;
	s->chunk -= n;
	input->ptr += n;
	input->len -= n;
	if (s->chunk == 0)
		s->mode = SMTP_SERVER_TAKES_COMMANDS;
	return SMTP_SERVER_NEED_INPUT;
}

static enum smtp_server_event
take_nothing(struct smtp_server *s, struct slice *input, struct smtp_server_detail *detail)
{
	(void)s, (void)input, (void)detail;
	return SMTP_SERVER_CLOSE;
}

enum smtp_server_event
smtp_server_next(struct smtp_server *s, struct slice *input, struct smtp_server_detail *detail)
{
	static smtp_server_handler *const takers[] = {
	    [SMTP_SERVER_TAKES_COMMANDS] = take_line,
	    [SMTP_SERVER_TAKES_DATA] = take_data,
	    [SMTP_SERVER_TAKES_CHUNK] = take_chunk,
	    [SMTP_SERVER_TAKES_SKIP] = skip_chunk,
	    [SMTP_SERVER_TAKES_EXCHANGE] = take_line,
	    [SMTP_SERVER_TAKES_NOTHING] = take_nothing,
	};
	enum smtp_server_event event = SMTP_SERVER_NEED_INPUT;
	bool progress = true;

	if (s->answers > 0)
		return SMTP_SERVER_NEED_ANSWER;
	/* What has no event of its own goes on with the next bytes. */
	while (event == SMTP_SERVER_NEED_INPUT && progress &&
	       s->output.len < SMTP_SERVER_OUTPUT_MAX / 2) {
		enum smtp_server_mode mode = s->mode;
		size_t before = input->len;

		event = takers[mode](s, input, detail);
		progress = input->len < before || s->mode != mode;
	}
	return event;
}

/* --- answers --- */

/* One answer less to wait for; behind the last one of a message nothing of it is left. */
static void
answered(struct smtp_server *s)
{
	s->answers--;
	if (s->answers == 0 && s->asked == SMTP_SERVER_MESSAGE)
		smtp_server_forget(s);
}

void
smtp_server_accept(struct smtp_server *s, const char *text)
{
	static const struct {
		int code;
		const char *enhanced, *text;
	} usual[] = {
	    [SMTP_SERVER_MAIL] = {250, "2.1.0", "Ok"},
	    [SMTP_SERVER_RCPT] = {250, "2.1.5", "Ok"},
	    [SMTP_SERVER_MESSAGE] = {250, "2.0.0", "Ok"},
	    [SMTP_SERVER_QUEUE] = {250, "2.0.0", "0 bytes follow"},
	    [SMTP_SERVER_AUTH] = {235, "2.7.0", "Welcome"},
	    [SMTP_SERVER_RESPONSE] = {235, "2.7.0", "Welcome"},
	};

	smtp_server_reply(s, usual[s->asked].code, usual[s->asked].enhanced,
	    text != NULL ? text : usual[s->asked].text);
	if (s->asked == SMTP_SERVER_MAIL)
		s->state = SMTP_SERVER_IN_MAIL;
	if (s->asked == SMTP_SERVER_RCPT) {
		s->state = SMTP_SERVER_IN_RCPT;
		s->recipients++;
		s->refusals = 0;
	}
	if (s->asked == SMTP_SERVER_AUTH || s->asked == SMTP_SERVER_RESPONSE)
		s->authenticated = true;
	answered(s);
}

/* A list may have many names that are gone; who has nothing else is looking for those that are
 * there.
 */
void
smtp_server_refuse(struct smtp_server *s, const struct err *e)
{
	if (s->asked == SMTP_SERVER_AUTH || s->asked == SMTP_SERVER_RESPONSE)
		(void)smtp_server_mistake(s, e);
	else if (s->asked == SMTP_SERVER_RCPT && e->code >= 500)
		(void)say_and_count(s, e, &s->refusals, SMTP_SERVER_REFUSALS_MAX);
	else
		smtp_server_say(s, e);
	answered(s);
}

void
smtp_server_challenge(struct smtp_server *s, struct slice challenge)
{
	buf_adds(&s->output, "334 ");
	buf_add_slice(&s->output, challenge);
	buf_adds(&s->output, "\r\n");
	s->mode = SMTP_SERVER_TAKES_EXCHANGE;
	s->answers = 0;
}

void
smtp_server_secured(struct smtp_server *s)
{
	smtp_server_forget(s);
	s->state = SMTP_SERVER_IN_CONNECTED;
	s->tls = true;
	s->authenticated = false;
	s->extended = false;
	s->client[0] = '\0';
	s->answers = 0;
}

void
smtp_server_end(struct smtp_server *s, const struct err *e)
{
	smtp_server_say(s, e);
	s->mode = SMTP_SERVER_TAKES_NOTHING;
	s->answers = 0;
}

/* --- the session --- */

struct smtp_server *
smtp_server_new(const struct smtp_server_params *params, bool tls)
{
	struct smtp_server *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->params = params;
	s->output = (struct buf)BUF_INIT(
	    SMTP_SERVER_OUTPUT_MAX + (size_t)params->max_recipients * SMTP_SERVER_ANSWER_MAX);
	s->state = SMTP_SERVER_IN_CONNECTED;
	s->tls = tls;
	buf_addf(&s->output, "220 %s %s\r\n", params->hostname, params->lmtp ? "LMTP" : "ESMTP");
	return s;
}

void
smtp_server_free(struct smtp_server *s)
{
	if (s == NULL)
		return;
	buf_free(&s->output);
	free(s);
}

struct buf *
smtp_server_output(struct smtp_server *s)
{
	return &s->output;
}

bool
smtp_server_is_waiting(const struct smtp_server *s)
{
	return s->answers > 0;
}

bool
smtp_server_is_busy(const struct smtp_server *s)
{
	return s->mode != SMTP_SERVER_TAKES_NOTHING &&
	       ((s->state & SMTP_SERVER_IN_TRANSACTION) != 0 || s->answers > 0);
}

const char *
smtp_server_client(const struct smtp_server *s)
{
	return s->client;
}

bool
smtp_server_answers_each(const struct smtp_server *s)
{
	return s->each;
}

const char *
smtp_server_protocol(const struct smtp_server *s)
{
	static const char *const names[][4] = {
	    {"ESMTP", "ESMTPA", "ESMTPS", "ESMTPSA"},
	    {"LMTP", "LMTPA", "LMTPS", "LMTPSA"},
	    {"UTF8SMTP", "UTF8SMTPA", "UTF8SMTPS", "UTF8SMTPSA"},
	    {"UTF8LMTP", "UTF8LMTPA", "UTF8LMTPS", "UTF8LMTPSA"},
	};

	if (!s->extended)
		return "SMTP";
	return names[(s->smtputf8 ? 2 : 0) + (s->params->lmtp ? 1 : 0)]
		    [(s->tls ? 2 : 0) + (s->authenticated ? 1 : 0)];
}
