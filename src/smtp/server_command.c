/*
 * server_command: the commands of server.h. The heart is the table: a row a verb, with the states
 * in which it is allowed, what is said in any other, and its handler.
 */
#include <config.h>

#include <string.h>

#include "smtp/refusal.h"
#include "smtp/server_inside.h"

#include "base/banned.h"

/* --- the handlers, in the order of the table --- */

static const char *
mechanisms(const struct smtp_server *s)
{
	return s->tls ? s->params->auth_tls : s->params->auth_clear;
}

/* LIMITS (RFC 9422), whose numbers have six digits at most. */
static void
offer_limits(struct smtp_server *s)
{
	enum { MOST = 999999 };
	const struct {
		const char *name;
		unsigned limit;
	} rows[] = {{"RCPTMAX", s->params->max_recipients}, {"MAILMAX", s->params->max_mails}};
	size_t before = s->output.len;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].limit > 0 && rows[i].limit <= MOST)
			buf_addf(&s->output, "%s %s=%u",
			    s->output.len == before ? "250-LIMITS" : "", rows[i].name,
			    rows[i].limit);
	}
	if (s->output.len > before)
		buf_adds(&s->output, "\r\n");
}

static void
offer(struct smtp_server *s)
{
	struct buf *out = &s->output;

	buf_addf(out, "250-%s\r\n250-PIPELINING\r\n", s->params->hostname);
	buf_addf(out, "250-SIZE %llu\r\n", (unsigned long long)s->params->max_size);
	buf_adds(out, "250-8BITMIME\r\n250-SMTPUTF8\r\n250-CHUNKING\r\n");
	if (s->params->dsn)
		buf_adds(out, "250-DSN\r\n");
	if (s->params->queues)
		buf_adds(out, "250-XWAIT\r\n250-XQUEUE\r\n");
	offer_limits(s);
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
		return smtp_server_wrong(s, 500, "5.5.1",
		    s->params->lmtp ? "This is LMTP: say LHLO" : "This is SMTP: say EHLO");
	smtp_server_forget(s);
	s->state = SMTP_SERVER_IN_GREETED;
	s->extended = detail->command.verb != SMTP_COMMAND_HELO;
	(void)str_copy(s->client, sizeof s->client, detail->command.argument);
	if (s->extended)
		offer(s);
	else
		smtp_server_reply(s, 250, "", s->params->hostname);
	return SMTP_SERVER_RESET;
}

static enum smtp_server_event
mail(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	const struct smtp_params *params = &detail->command.params;
	bool utf8 = (params->given & SMTP_PARAMS_SMTPUTF8) != 0;

	(void)rest;
	if (s->params->require_auth && !s->authenticated)
		return smtp_server_wrong(s, 530, "5.7.0", "Log in first");
	if (str_has_8bit(str_slice(detail->command.path.text)) && !utf8)
		return smtp_server_wrong(s, 553, "5.6.7", "This address needs SMTPUTF8");
	if ((params->given & SMTP_PARAMS_BODY) != 0 && params->body == SMTP_PARAMS_BINARYMIME)
		return smtp_server_wrong(s, 501, "5.5.4", "BINARYMIME is not offered");
	if (params->size > s->params->max_size)
		return smtp_server_wrong(s, 552, "5.3.4", "The message is too big");
	if (s->params->max_mails > 0 && s->mails >= s->params->max_mails)
		return smtp_server_hang_up(
		    s, 421, "4.5.3", "Too many messages for one session, please come back");
	s->mails++;
	s->smtputf8 = utf8;
	s->each = s->params->lmtp || (params->given & SMTP_PARAMS_XWAIT) != 0;
	return smtp_server_ask(s, SMTP_SERVER_MAIL);
}

static enum smtp_server_event
rcpt(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)rest;
	if (str_has_8bit(str_slice(detail->command.path.text)) && !s->smtputf8)
		return smtp_server_wrong(s, 553, "5.6.7", "This address needs SMTPUTF8");
	/* No mistake: the client may send to those that were taken, and to the others after that
	 * (RFC 5321 4.5.3.1.10). */
	if (s->recipients >= s->params->max_recipients) {
		smtp_server_reply(s, 452, "4.5.3", "Too many recipients");
		return SMTP_SERVER_NEED_INPUT;
	}
	return smtp_server_ask(s, SMTP_SERVER_RCPT);
}

static enum smtp_server_event
data(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)rest, (void)detail;
	s->body = (struct smtp_body)SMTP_BODY_INIT(true, s->params->lenient);
	s->mode = SMTP_SERVER_TAKES_DATA;
	smtp_server_reply(s, 354, "", "Go ahead, end with a lone dot");
	return SMTP_SERVER_NEED_INPUT;
}

/* A chunk's bytes come whether it is welcome or not (RFC 3030 2). */
static enum smtp_server_event
bdat(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)rest;
	s->chunk = s->chunk_size = detail->command.chunk;
	s->last = detail->command.last;
	s->mode = SMTP_SERVER_TAKES_SKIP;
	if ((s->state & (SMTP_SERVER_IN_RCPT | SMTP_SERVER_IN_CHUNKS)) == 0)
		return smtp_server_wrong(s, 503, "5.5.1", "There is no recipient");
	if (s->state == SMTP_SERVER_IN_RCPT)
		s->body = (struct smtp_body)SMTP_BODY_INIT(false, s->params->lenient);
	if (s->chunk > s->params->max_size - s->body.size) {
		smtp_server_reply(s, 552, "5.3.4", "The message is too big");
		smtp_server_forget(s);
		return SMTP_SERVER_RESET;
	}
	s->state = SMTP_SERVER_IN_CHUNKS;
	s->mode = SMTP_SERVER_TAKES_CHUNK;
	return SMTP_SERVER_NEED_INPUT;
}

static enum smtp_server_event
rset(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)rest, (void)detail;
	smtp_server_forget(s);
	smtp_server_reply(s, 250, "2.0.0", "Ok");
	return SMTP_SERVER_RESET;
}

static enum smtp_server_event
noop(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)rest, (void)detail;
	smtp_server_reply(s, 250, "2.0.0", "Ok");
	return SMTP_SERVER_NEED_INPUT;
}

static enum smtp_server_event
vrfy(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)rest, (void)detail;
	smtp_server_reply(s, 252, "2.5.0", "Send mail there and you will see");
	return SMTP_SERVER_NEED_INPUT;
}

static enum smtp_server_event
expn(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)rest, (void)detail;
	return smtp_server_wrong(s, 502, "5.5.1", "Lists are not shown");
}

static enum smtp_server_event
help(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)rest, (void)detail;
	smtp_server_reply(s, 214, "2.0.0", "See RFC 5321");
	return SMTP_SERVER_NEED_INPUT;
}

static enum smtp_server_event
quit(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)rest, (void)detail;
	return smtp_server_hang_up(s, 221, "2.0.0", "Bye");
}

static enum smtp_server_event
starttls(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)detail;
	if (s->tls || !s->params->starttls)
		return smtp_server_wrong(s, 502, "5.5.1", "TLS cannot begin here");
	if (rest->len > 0)
		return smtp_server_hang_up(
		    s, 503, "5.5.1", "Nothing may follow STARTTLS before TLS has begun");
	smtp_server_reply(s, 220, "2.0.0", "Ready for TLS");
	return smtp_server_ask(s, SMTP_SERVER_STARTTLS);
}

static enum smtp_server_event
auth(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)rest, (void)detail;
	if (s->authenticated)
		return smtp_server_wrong(s, 503, "5.5.1", "You are logged in");
	if (mechanisms(s) == NULL && s->params->auth_tls != NULL)
		return smtp_server_wrong(s, 538, "5.7.11", "A login needs TLS");
	if (mechanisms(s) == NULL)
		return smtp_server_wrong(s, 502, "5.5.1", "There are no logins here");
	return smtp_server_ask(s, SMTP_SERVER_AUTH);
}

static enum smtp_server_event
unknown(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	(void)rest, (void)detail;
	return smtp_server_wrong(s, 500, "5.5.2", "What is that?");
}

static enum smtp_server_event
queue(struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail)
{
	if (!s->params->queues)
		return unknown(s, rest, detail);
	return smtp_server_ask(s, SMTP_SERVER_QUEUE);
}
/* --- the table --- */

static const struct row {
	enum smtp_command_verb verb;
	enum smtp_server_state states;
	const char *otherwise; /* the text of the 503 in any other state */
	smtp_server_handler *handle;
} rows[] = {
    {SMTP_COMMAND_HELO, SMTP_SERVER_IN_ANY, "", greet},
    {SMTP_COMMAND_EHLO, SMTP_SERVER_IN_ANY, "", greet},
    {SMTP_COMMAND_LHLO, SMTP_SERVER_IN_ANY, "", greet},
    {SMTP_COMMAND_MAIL, SMTP_SERVER_IN_GREETED, "Greet first, and one message at a time", mail},
    {SMTP_COMMAND_RCPT, SMTP_SERVER_IN_MAIL | SMTP_SERVER_IN_RCPT, "There is no sender", rcpt},
    {SMTP_COMMAND_DATA, SMTP_SERVER_IN_RCPT, "There is no recipient, or there are chunks", data},
    {SMTP_COMMAND_BDAT, SMTP_SERVER_IN_ANY, "", bdat},
    {SMTP_COMMAND_RSET, SMTP_SERVER_IN_ANY, "", rset},
    {SMTP_COMMAND_NOOP, SMTP_SERVER_IN_ANY, "", noop},
    {SMTP_COMMAND_VRFY, SMTP_SERVER_IN_ANY, "", vrfy},
    {SMTP_COMMAND_EXPN, SMTP_SERVER_IN_ANY, "", expn},
    {SMTP_COMMAND_HELP, SMTP_SERVER_IN_ANY, "", help},
    {SMTP_COMMAND_QUIT, SMTP_SERVER_IN_ANY, "", quit},
    {SMTP_COMMAND_STARTTLS, SMTP_SERVER_IN_GREETED, "Greet first, and not within a message",
	starttls},
    {SMTP_COMMAND_AUTH, SMTP_SERVER_IN_GREETED, "Greet first, and not within a message", auth},
    {SMTP_COMMAND_XQUEUE, SMTP_SERVER_IN_GREETED, "Greet first, and not within a message", queue},
    {SMTP_COMMAND_UNKNOWN, SMTP_SERVER_IN_ANY, "", unknown},
};

static unsigned
offered(const struct smtp_server *s)
{
	return SMTP_PARAMS_SIZE | SMTP_PARAMS_BODY | SMTP_PARAMS_SMTPUTF8 |
	       (s->params->dsn ? SMTP_PARAMS_OF_DSN : 0) |
	       (s->params->queues ? SMTP_PARAMS_XWAIT : 0) |
	       (mechanisms(s) != NULL ? SMTP_PARAMS_AUTH : 0);
}

enum smtp_server_event
smtp_server_command(
    struct smtp_server *s, struct slice line, struct slice *rest, struct smtp_server_detail *detail)
{
	const struct row *row = rows;
	struct err e = ERR_INIT;

	if (smtp_command_parse(line, s->params->lenient, offered(s), &detail->command, &e) == -1) {
		/* How many bytes of a message follow nobody knows: they must not be commands. */
		if (detail->command.verb == SMTP_COMMAND_BDAT)
			return smtp_server_hang_up(s, e.code, e.enhanced, e.msg);
		return smtp_server_mistake(s, &e);
	}
	while (row->verb != detail->command.verb)
		row++;
	if ((row->states & s->state) == 0)
		return smtp_server_wrong(s, 503, "5.5.1", row->otherwise);
	return row->handle(s, rest, detail);
}
