/*
 * server: see server.h. The heart is the table at the end: a row a verb, with the states in which
 * it is allowed, what is said in any other, and its handler.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "smtp/body.h"
#include "smtp/refusal.h"
#include "smtp/server.h"

#include "base/banned.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Where the session is, as bits, so that a row of the table can name several. */
enum state {
	CONNECTED = 1 << 0, /* nothing was said yet */
	GREETED = 1 << 1,   /* no message under way */
	MAIL = 1 << 2,	    /* a sender, no recipient */
	RCPT = 1 << 3,	    /* recipients */
	CHUNKS = 1 << 4,    /* between two chunks */
	ANY = CONNECTED | GREETED | MAIL | RCPT | CHUNKS,
	TRANSACTION = MAIL | RCPT | CHUNKS,
};

/* What the next bytes are. */
enum mode {
	COMMANDS,
	DATA,	  /* a message up to its dot */
	CHUNK,	  /* the bytes of a BDAT */
	SKIP,	  /* the bytes of a BDAT that was refused */
	EXCHANGE, /* answers to challenges */
	ENDED,	  /* none are wanted */
};

struct smtp_server {
	const struct smtp_server_params *params;
	struct buf output;
	enum state state;
	enum mode mode;
	enum smtp_server_event asked; /* the event that waits for its answer, or NEED_INPUT */
	unsigned answers;	      /* how many it still waits for */
	unsigned errors;
	unsigned recipients;
	bool smtputf8;
	bool extended; /* greeted by EHLO or LHLO */
	bool tls;
	bool authenticated;
	struct smtp_body body;
	uint64_t chunk; /* bytes of it to come */
	uint64_t chunk_size;
	bool last; /* it is the last one */
	char client[256];
};

typedef enum smtp_server_event handler(
    struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail);

/* --- replies --- */

/* Appends one line; what is no printable ASCII in TEXT becomes `?`. */
static void
reply(struct smtp_server *s, int code, const char *enhanced, const char *text)
{
	buf_addf(&s->output, "%d %s%s", code, enhanced, enhanced[0] != '\0' ? " " : "");
	for (const char *c = text; *c != '\0'; c++)
		buf_addc(&s->output, *c >= ' ' && *c < 0x7f ? *c : '?');
	buf_adds(&s->output, "\r\n");
}

static void
say(struct smtp_server *s, const struct err *e)
{
	if (e->code >= 400)
		reply(s, e->code, e->enhanced, e->msg);
	else if (e->ex == EX_TEMPFAIL)
		reply(s, 451, "4.3.0", "Something is wrong here, please try again later");
	else
		reply(s, 554, "5.3.0", "Something is wrong here");
}

/* Says no and counts it as a mistake of the client's; too many end the session. */
static enum smtp_server_event
mistake(struct smtp_server *s, const struct err *e)
{
	say(s, e);
	if (++s->errors < SMTP_SERVER_ERRORS_MAX)
		return SMTP_SERVER_NEED_INPUT;
	reply(s, 421, "4.7.0", "Too many errors");
	s->mode = ENDED;
	return SMTP_SERVER_CLOSE;
}

static enum smtp_server_event
wrong(struct smtp_server *s, int code, const char *enhanced, const char *text)
{
	struct err e = ERR_INIT;

	(void)smtp_refusal(&e, code, enhanced, "%s", text);
	return mistake(s, &e);
}

/* Says no and ends the session: what came is no mistake but an attack, or not SMTP at all. */
static enum smtp_server_event
hang_up(struct smtp_server *s, int code, const char *enhanced, const char *text)
{
	reply(s, code, enhanced, text);
	s->mode = ENDED;
	return SMTP_SERVER_CLOSE;
}

/* Asks the owner. */
static enum smtp_server_event
ask(struct smtp_server *s, enum smtp_server_event event)
{
	s->asked = event;
	s->answers = 1;
	return event;
}

/* Forgets the message under way. */
static void
forget(struct smtp_server *s)
{
	if ((s->state & TRANSACTION) != 0)
		s->state = GREETED;
	s->recipients = 0;
	s->smtputf8 = false;
}

/* --- handlers, in the order of the table --- */

static const char *
mechanisms(const struct smtp_server *s)
{
	return s->tls ? s->params->auth_tls : s->params->auth_clear;
}

static void
offer(struct smtp_server *s)
{
	struct buf *out = &s->output;

	buf_addf(out, "250-%s\r\n250-PIPELINING\r\n", s->params->hostname);
	buf_addf(out, "250-SIZE %llu\r\n", (unsigned long long)s->params->max_size);
	buf_adds(out, "250-8BITMIME\r\n250-SMTPUTF8\r\n250-CHUNKING\r\n");
	if (s->params->starttls && !s->tls)
		buf_adds(out, "250-STARTTLS\r\n");
	if (mechanisms(s) != NULL)
		buf_addf(out, "250-AUTH %s\r\n", mechanisms(s));
	buf_adds(out, "250 ENHANCEDSTATUSCODES\r\n");
}

static enum smtp_server_event
greet(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	bool lmtp = detail->command.verb == SMTP_COMMAND_LHLO;

	(void)rest;
	if (lmtp != s->params->lmtp)
		return wrong(s, 500, "5.5.1",
		    s->params->lmtp ? "This is LMTP: say LHLO" : "This is SMTP: say EHLO");
	forget(s);
	s->state = GREETED;
	s->extended = detail->command.verb != SMTP_COMMAND_HELO;
	(void)str_copy(s->client, sizeof s->client, detail->command.argument);
	if (s->extended)
		offer(s);
	else
		reply(s, 250, "", s->params->hostname);
	return SMTP_SERVER_RESET;
}

static enum smtp_server_event
mail(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	const struct smtp_params *params = &detail->command.params;
	bool utf8 = (params->given & SMTP_PARAMS_SMTPUTF8) != 0;

	(void)rest;
	if (s->params->require_auth && !s->authenticated)
		return wrong(s, 530, "5.7.0", "Log in first");
	if (str_has_8bit(str_slice(detail->command.path.text)) && !utf8)
		return wrong(s, 553, "5.6.7", "This address needs SMTPUTF8");
	if ((params->given & SMTP_PARAMS_BODY) != 0 && params->body == SMTP_PARAMS_BINARYMIME)
		return wrong(s, 501, "5.5.4", "BINARYMIME is not offered");
	if (params->size > s->params->max_size)
		return wrong(s, 552, "5.3.4", "The message is too big");
	s->smtputf8 = utf8;
	return ask(s, SMTP_SERVER_MAIL);
}

static enum smtp_server_event
rcpt(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)rest;
	if (str_has_8bit(str_slice(detail->command.path.text)) && !s->smtputf8)
		return wrong(s, 553, "5.6.7", "This address needs SMTPUTF8");
	if (s->recipients >= s->params->max_recipients)
		return wrong(s, 452, "4.5.3", "Too many recipients");
	return ask(s, SMTP_SERVER_RCPT);
}

static enum smtp_server_event
data(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)rest, (void)detail;
	s->body = (struct smtp_body)SMTP_BODY_INIT(true, s->params->lenient);
	s->mode = DATA;
	reply(s, 354, "", "Go ahead, end with a lone dot");
	return SMTP_SERVER_NEED_INPUT;
}

/* A chunk's bytes come whether it is welcome or not (RFC 3030 2). */
static enum smtp_server_event
bdat(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)rest;
	s->chunk = s->chunk_size = detail->command.chunk;
	s->last = detail->command.last;
	s->mode = SKIP;
	if ((s->state & (RCPT | CHUNKS)) == 0)
		return wrong(s, 503, "5.5.1", "There is no recipient");
	if (s->state == RCPT)
		s->body = (struct smtp_body)SMTP_BODY_INIT(false, s->params->lenient);
	if (s->chunk > s->params->max_size - s->body.size) {
		reply(s, 552, "5.3.4", "The message is too big");
		forget(s);
		return SMTP_SERVER_RESET;
	}
	s->state = CHUNKS;
	s->mode = CHUNK;
	return SMTP_SERVER_NEED_INPUT;
}

static enum smtp_server_event
rset(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)rest, (void)detail;
	forget(s);
	reply(s, 250, "2.0.0", "Ok");
	return SMTP_SERVER_RESET;
}

static enum smtp_server_event
noop(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)rest, (void)detail;
	reply(s, 250, "2.0.0", "Ok");
	return SMTP_SERVER_NEED_INPUT;
}

static enum smtp_server_event
vrfy(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)rest, (void)detail;
	reply(s, 252, "2.5.0", "Send mail there and you will see");
	return SMTP_SERVER_NEED_INPUT;
}

static enum smtp_server_event
expn(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)rest, (void)detail;
	return wrong(s, 502, "5.5.1", "Lists are not shown");
}

static enum smtp_server_event
help(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)rest, (void)detail;
	reply(s, 214, "2.0.0", "See RFC 5321");
	return SMTP_SERVER_NEED_INPUT;
}

static enum smtp_server_event
quit(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)rest, (void)detail;
	return hang_up(s, 221, "2.0.0", "Bye");
}

static enum smtp_server_event
starttls(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)detail;
	if (s->tls || !s->params->starttls)
		return wrong(s, 502, "5.5.1", "TLS cannot begin here");
	if (rest->len > 0)
		return hang_up(s, 503, "5.5.1", "Nothing may follow STARTTLS before TLS has begun");
	reply(s, 220, "2.0.0", "Ready for TLS");
	return ask(s, SMTP_SERVER_STARTTLS);
}

static enum smtp_server_event
auth(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)rest, (void)detail;
	if (s->authenticated)
		return wrong(s, 503, "5.5.1", "You are logged in");
	if (mechanisms(s) == NULL && s->params->auth_tls != NULL)
		return wrong(s, 538, "5.7.11", "A login needs TLS");
	if (mechanisms(s) == NULL)
		return wrong(s, 502, "5.5.1", "There are no logins here");
	return ask(s, SMTP_SERVER_AUTH);
}

static enum smtp_server_event
unknown(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)rest, (void)detail;
	return wrong(s, 500, "5.5.2", "What is that?");
}

static const struct row {
	enum smtp_command_verb verb;
	enum state states;
	const char *otherwise; /* the text of the 503 in any other state */
	handler *handle;
} rows[] = {
    {SMTP_COMMAND_HELO, ANY, "", greet},
    {SMTP_COMMAND_EHLO, ANY, "", greet},
    {SMTP_COMMAND_LHLO, ANY, "", greet},
    {SMTP_COMMAND_MAIL, GREETED, "Greet first, and one message at a time", mail},
    {SMTP_COMMAND_RCPT, MAIL | RCPT, "There is no sender", rcpt},
    {SMTP_COMMAND_DATA, RCPT, "There is no recipient, or there are chunks", data},
    {SMTP_COMMAND_BDAT, ANY, "", bdat},
    {SMTP_COMMAND_RSET, ANY, "", rset},
    {SMTP_COMMAND_NOOP, ANY, "", noop},
    {SMTP_COMMAND_VRFY, ANY, "", vrfy},
    {SMTP_COMMAND_EXPN, ANY, "", expn},
    {SMTP_COMMAND_HELP, ANY, "", help},
    {SMTP_COMMAND_QUIT, ANY, "", quit},
    {SMTP_COMMAND_STARTTLS, GREETED, "Greet first, and not within a message", starttls},
    {SMTP_COMMAND_AUTH, GREETED, "Greet first, and not within a message", auth},
    {SMTP_COMMAND_UNKNOWN, ANY, "", unknown},
};

/* --- input --- */

static unsigned
offered(const struct smtp_server *s)
{
	return SMTP_PARAMS_SIZE | SMTP_PARAMS_BODY | SMTP_PARAMS_SMTPUTF8 |
	       (mechanisms(s) != NULL ? SMTP_PARAMS_AUTH : 0);
}

static enum smtp_server_event
obey(
    struct smtp_server *s, struct slice line, struct slice *rest, struct smtp_server_detail *detail)
{
	const struct row *row = rows;
	struct err e = ERR_INIT;

	if (smtp_command_parse(line, s->params->lenient, offered(s), &detail->command, &e) == -1) {
		/* How many bytes of a message follow nobody knows: they must not be commands. */
		if (detail->command.verb == SMTP_COMMAND_BDAT)
			return hang_up(s, e.code, e.enhanced, e.msg);
		return mistake(s, &e);
	}
	while (row->verb != detail->command.verb)
		row++;
	if ((row->states & s->state) == 0)
		return wrong(s, 503, "5.5.1", row->otherwise);
	return row->handle(s, rest, detail);
}

/* An answer to a challenge. */
static enum smtp_server_event
respond(struct smtp_server *s, struct slice line, struct smtp_server_detail *detail)
{
	s->mode = COMMANDS;
	if (str_is(line, "*"))
		return wrong(s, 501, "5.7.0", "As you like");
	detail->response = line;
	return ask(s, SMTP_SERVER_RESPONSE);
}

/* Takes one line and does what it says. */
static enum smtp_server_event
take_line(struct smtp_server *s, struct slice *input, struct smtp_server_detail *detail)
{
	size_t max = s->mode == EXCHANGE || str_begins_nocase(*input, "AUTH ")
			 ? SMTP_SERVER_AUTH_LINE_MAX
			 : SMTP_SERVER_LINE_MAX;
	struct slice rest = *input;
	struct slice line = str_cut(&rest, '\n');

	if (line.len > max)
		return hang_up(s, 500, "5.5.2", "The line is too long");
	if (rest.ptr == NULL)
		return SMTP_SERVER_NEED_INPUT;
	*input = rest;
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	else if (!s->params->lenient)
		return hang_up(s, 500, "5.5.2", "A line ends with CR LF");
	if (str_find(line, '\r') < line.len || str_find(line, '\0') < line.len)
		return hang_up(s, 500, "5.5.2", "There is a CR or a NUL within the line");
	return s->mode == EXCHANGE ? respond(s, line, detail) : obey(s, line, input, detail);
}

/* The message is there. */
static enum smtp_server_event
complete(struct smtp_server *s)
{
	unsigned answers = s->params->lmtp ? s->recipients : 1;

	s->mode = COMMANDS;
	if (!smtp_body_is_clean(&s->body))
		return hang_up(s, 550, "5.6.0", "There is a bare CR, a bare LF or a NUL in it");
	if (s->body.size > s->params->max_size) {
		while (answers-- > 0)
			reply(s, 552, "5.3.4", "The message is too big");
		forget(s);
		return SMTP_SERVER_RESET;
	}
	(void)ask(s, SMTP_SERVER_MESSAGE);
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
		return hang_up(s, 552, "5.3.4", "The message is far too big");
	return hand_on(s, piece, detail);
}

static enum smtp_server_event
end_chunk(struct smtp_server *s)
{
	struct buf out = BUF_INIT(64);

	if (s->last)
		return complete(s);
	s->mode = COMMANDS;
	buf_addf(&out, "%llu bytes taken", (unsigned long long)s->chunk_size);
	reply(s, 250, "2.0.0", buf_text(&out));
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
		s->mode = COMMANDS;
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
	static handler *const takers[] = {
	    [COMMANDS] = take_line,
	    [DATA] = take_data,
	    [CHUNK] = take_chunk,
	    [SKIP] = skip_chunk,
	    [EXCHANGE] = take_line,
	    [ENDED] = take_nothing,
	};
	enum smtp_server_event event = SMTP_SERVER_NEED_INPUT;
	bool progress = true;

	if (s->answers > 0)
		return SMTP_SERVER_NEED_ANSWER;
	/* What has no event of its own goes on with the next bytes. */
	while (event == SMTP_SERVER_NEED_INPUT && progress &&
	       s->output.len < SMTP_SERVER_OUTPUT_MAX / 2) {
		enum mode mode = s->mode;
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
		forget(s);
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
	    [SMTP_SERVER_AUTH] = {235, "2.7.0", "Welcome"},
	    [SMTP_SERVER_RESPONSE] = {235, "2.7.0", "Welcome"},
	};

	reply(s, usual[s->asked].code, usual[s->asked].enhanced,
	    text != NULL ? text : usual[s->asked].text);
	if (s->asked == SMTP_SERVER_MAIL)
		s->state = MAIL;
	if (s->asked == SMTP_SERVER_RCPT) {
		s->state = RCPT;
		s->recipients++;
	}
	if (s->asked == SMTP_SERVER_AUTH || s->asked == SMTP_SERVER_RESPONSE)
		s->authenticated = true;
	answered(s);
}

void
smtp_server_refuse(struct smtp_server *s, const struct err *e)
{
	if (s->asked == SMTP_SERVER_AUTH || s->asked == SMTP_SERVER_RESPONSE)
		(void)mistake(s, e);
	else
		say(s, e);
	answered(s);
}

void
smtp_server_challenge(struct smtp_server *s, struct slice challenge)
{
	buf_adds(&s->output, "334 ");
	buf_add_slice(&s->output, challenge);
	buf_adds(&s->output, "\r\n");
	s->mode = EXCHANGE;
	s->answers = 0;
}

void
smtp_server_secured(struct smtp_server *s)
{
	forget(s);
	s->state = CONNECTED;
	s->tls = true;
	s->authenticated = false;
	s->extended = false;
	s->client[0] = '\0';
	s->answers = 0;
}

void
smtp_server_end(struct smtp_server *s, const struct err *e)
{
	say(s, e);
	s->mode = ENDED;
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
	s->output = (struct buf)BUF_INIT(SMTP_SERVER_OUTPUT_MAX);
	s->state = CONNECTED;
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
smtp_server_is_busy(const struct smtp_server *s)
{
	return s->mode != ENDED && ((s->state & TRANSACTION) != 0 || s->answers > 0);
}

const char *
smtp_server_client(const struct smtp_server *s)
{
	return s->client;
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
