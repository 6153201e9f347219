/*
 * session: see session.h.
 */
#include <config.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/log.h"
#include "imbucad/channel.h"
#include "imbucad/message.h"
#include "imbucad/session.h"
#include "smtp/refusal.h"

#include "base/banned.h"

enum {
	BLOCK = 16384,
	ROUNDS = 16,		  /* blocks before others have their turn */
	COMMAND_TIMEOUT = 300000, /* milliseconds: RFC 5321 4.5.3.2.7 */
	LAST_WORD_TIMEOUT = 5000,
	RATE = 100, /* bytes a second that a message must bring, all in all */
};

struct imbucad_session {
	const struct imbucad_session_service *service;
	struct imbucad_channel channel;
	struct net_peer peer;
	struct smtp_server *smtp;
	struct sasl_server *login; /* under way, or done: then it knows the user */
	bool secure;
	bool logged_in;
	bool ending; /* the last word is said */
	bool held;   /* the client must read its replies before more is taken */
	struct imbucad_message message;
	struct buf input; /* what came and was not taken yet */
	struct deadline deadline;
};

struct imbucad_session *
imbucad_session_new(
    const struct imbucad_session_service *service, int fd, const struct net_peer *peer, bool tls)
{
	struct imbucad_session *s = calloc(1, sizeof *s);
	struct err e = ERR_INIT;

	if (s == NULL) {
		struct imbucad_channel lost;

		imbucad_channel_open(&lost, fd);
		imbucad_channel_close(&lost);
		return NULL;
	}
	imbucad_channel_open(&s->channel, fd);
	imbucad_message_init(&s->message);
	s->service = service;
	s->peer = *peer;
	s->secure = tls;
	s->input = (struct buf)BUF_INIT(SMTP_SERVER_AUTH_LINE_MAX + BLOCK);
	s->deadline = deadline_in(COMMAND_TIMEOUT);
	s->smtp = smtp_server_new(&service->smtp, tls);
	if (s->smtp == NULL ||
	    (tls && imbucad_channel_secure(&s->channel, service->identity, &e) == -1)) {
		imbucad_session_free(s);
		return NULL;
	}
	return s;
}

void
imbucad_session_free(struct imbucad_session *s)
{
	imbucad_channel_close(&s->channel);
	imbucad_message_drop(&s->message);
	sasl_server_free(s->login);
	smtp_server_free(s->smtp);
	buf_wipe(&s->input);
	free(s);
}

/* --- the log --- */

static void
begin_line(const struct imbucad_session *s, struct log_line *line)
{
	log_add_text(line, "peer", s->peer.address);
	if (smtp_server_client(s->smtp)[0] != '\0')
		log_add_text(line, "client", smtp_server_client(s->smtp));
	if (s->secure && s->channel.tls != NULL)
		log_add_text(line, "tls", net_tls_version(s->channel.tls));
	if (s->logged_in)
		log_add_text(line, "user", sasl_server_user(s->login));
}

/* A log that cannot be written is no reason to refuse mail. */
static void
end_line(const struct imbucad_session *s, struct log_line *line, const struct err *failed)
{
	struct err ignored = ERR_INIT;

	if (failed != NULL)
		log_add_text(line, "error", failed->msg);
	if (s->service->log != NULL)
		(void)log_to_file(line, s->service->log, &ignored);
	else
		log_to_syslog(line, "imbucad", LOG_MAIL, failed != NULL);
	log_free(line);
}

static void
log_message(const struct imbucad_session *s, const char *file, const struct err *failed)
{
	struct log_line line = LOG_LINE_INIT;

	begin_line(s, &line);
	log_add_text(&line, "from", s->message.sender.text);
	log_add_text(&line, "recipient", s->message.recipient.text);
	log_add_number(&line, "recipients", s->message.recipients);
	log_add_number(&line, "size", (int64_t)s->message.size);
	if (failed == NULL)
		log_add_text(&line, "file", file);
	end_line(s, &line, failed);
}

/* --- the events of smtp/server, one function each --- */

static void
on_mail(struct imbucad_session *s, const struct smtp_server_detail *detail)
{
	imbucad_message_begin(&s->message, &detail->command.path);
	smtp_server_accept(s->smtp, NULL);
}

static void
on_rcpt(struct imbucad_session *s, const struct smtp_server_detail *detail)
{
	struct err e = ERR_INIT;

	if (imbucad_message_add(&s->message, &detail->command.path, &e) == 0)
		smtp_server_accept(s->smtp, NULL);
	else
		smtp_server_refuse(s->smtp, &e);
}

/* A message earns time by its bytes, so that a byte now and then is no progress. */
static void
on_body(struct imbucad_session *s, const struct smtp_server_detail *detail)
{
	struct deadline most = deadline_in(COMMAND_TIMEOUT);

	imbucad_message_write(&s->message, detail->body);
	s->deadline.at += (int64_t)detail->body.len * 1000 / RATE;
	s->deadline = deadline_sooner(s->deadline, most);
}

/* What the client hears of a failed delivery: the codes, and nothing of this machine's folders. */
static void
refuse_message(struct imbucad_session *s, const struct err *failed)
{
	struct err e = *failed;

	if (failed->code != 0)
		(void)smtp_refusal(
		    &e, failed->code, failed->enhanced, "The message could not be stored");
	smtp_server_refuse(s->smtp, &e);
}

static void
on_message(struct imbucad_session *s, const struct smtp_server_detail *detail)
{
	const struct imbucad_message_origin origin = {
	    .client = smtp_server_client(s->smtp),
	    .address = s->peer.address,
	    .hostname = s->service->smtp.hostname,
	    .protocol = smtp_server_protocol(s->smtp),
	};
	struct buf file = BUF_INIT(512);
	struct err e = ERR_INIT;

	(void)detail;
	if (imbucad_message_deliver(&s->message, &origin, s->service->maildir, &file, &e) == 0) {
		log_message(s, buf_text(&file), NULL);
		smtp_server_accept(s->smtp, "It is in the mailbox");
	} else {
		log_message(s, NULL, &e);
		refuse_message(s, &e);
	}
	buf_free(&file);
	imbucad_message_drop(&s->message);
}

static void
on_reset(struct imbucad_session *s, const struct smtp_server_detail *detail)
{
	(void)detail;
	imbucad_message_drop(&s->message);
}

/* The reply to a login that failed, by whose fault it was. */
static void
refuse_login(struct imbucad_session *s, const struct err *failed)
{
	static const struct {
		int ex, code;
		const char *enhanced, *text;
	} rows[] = {
	    {EX_NOPERM, 535, "5.7.8", "User name or password is wrong"},
	    {EX_PROTOCOL, 501, "5.5.2", "This is no answer of that mechanism"},
	    {EX_UNAVAILABLE, 504, "5.5.4", "That mechanism is not offered"},
	    {0, 454, "4.7.0", "Logins do not work now"}, /* any other */
	};
	struct log_line line = LOG_LINE_INIT;
	struct err e = ERR_INIT;
	size_t i = 0;

	while (rows[i].ex != failed->ex && rows[i].ex != 0)
		i++;
	begin_line(s, &line);
	end_line(s, &line, failed);
	sasl_server_free(s->login);
	s->login = NULL;
	(void)smtp_refusal(&e, rows[i].code, rows[i].enhanced, "%s", rows[i].text);
	smtp_server_refuse(s->smtp, &e);
}

static void
step_login(struct imbucad_session *s, struct slice response)
{
	struct buf challenge = BUF_INIT(SMTP_SERVER_AUTH_LINE_MAX);
	struct err e = ERR_INIT;
	enum sasl_server_state state = sasl_server_step(s->login, response, &challenge, &e);

	s->logged_in = state == SASL_SERVER_DONE;
	if (state == SASL_SERVER_CHALLENGE)
		smtp_server_challenge(s->smtp, buf_slice(&challenge));
	else if (state == SASL_SERVER_DONE)
		smtp_server_accept(s->smtp, NULL);
	else
		refuse_login(s, &e);
	buf_wipe(&challenge);
}

static void
on_auth(struct imbucad_session *s, const struct smtp_server_detail *detail)
{
	struct slice initial = detail->command.initial;
	struct err e = ERR_INIT;

	sasl_server_free(s->login);
	s->login = NULL;
	if (sasl_server_new(
		detail->command.mechanism, &s->service->login[s->secure], &s->login, &e) == -1)
		refuse_login(s, &e);
	else
		step_login(s, str_is(initial, "=") ? str_slice("") : initial);
}

static void
on_response(struct imbucad_session *s, const struct smtp_server_detail *detail)
{
	step_login(s, detail->response);
}

/* What stands in clear text before TLS is gone with it, a login too. */
static void
on_starttls(struct imbucad_session *s, const struct smtp_server_detail *detail)
{
	(void)detail;
	s->secure = true;
	s->logged_in = false;
	sasl_server_free(s->login);
	s->login = NULL;
}

static void
on_close(struct imbucad_session *s, const struct smtp_server_detail *detail)
{
	(void)detail;
	s->ending = true;
}

/* --- input and output --- */

/* Hands S what came, until it wants more or what it says must be written first. Returns what is
 * left. */
static struct slice
feed(struct imbucad_session *s, struct slice input)
{
	static void (*const handlers[])(
	    struct imbucad_session * s, const struct smtp_server_detail *detail) = {
	    [SMTP_SERVER_MAIL] = on_mail,
	    [SMTP_SERVER_RCPT] = on_rcpt,
	    [SMTP_SERVER_BODY] = on_body,
	    [SMTP_SERVER_MESSAGE] = on_message,
	    [SMTP_SERVER_RESET] = on_reset,
	    [SMTP_SERVER_AUTH] = on_auth,
	    [SMTP_SERVER_RESPONSE] = on_response,
	    [SMTP_SERVER_STARTTLS] = on_starttls,
	    [SMTP_SERVER_CLOSE] = on_close,
	};
	size_t before = smtp_server_output(s->smtp)->len;

	while (!s->ending) {
		struct smtp_server_detail detail;
		enum smtp_server_event event = smtp_server_next(s->smtp, &input, &detail);

		if (event == SMTP_SERVER_NEED_INPUT)
			break;
		handlers[event](s, &detail);
		if (event == SMTP_SERVER_STARTTLS)
			break;
	}
	/* Who got an answer has a new command's time. */
	if (smtp_server_output(s->smtp)->len > before)
		s->deadline = deadline_in(s->ending ? LAST_WORD_TIMEOUT : COMMAND_TIMEOUT);
	return input;
}

/* Takes in BYTES behind what is left from before. */
static void
take(struct imbucad_session *s, struct slice bytes)
{
	struct slice rest;

	if (s->input.len == 0) {
		buf_add_slice(&s->input, feed(s, bytes));
	} else {
		buf_add_slice(&s->input, bytes);
		rest = feed(s, buf_slice(&s->input));
		buf_consume(&s->input, s->input.len - rest.len);
	}
	s->held = smtp_server_output(s->smtp)->len >= SMTP_SERVER_OUTPUT_MAX / 2;
	/* Thousands of idle sessions hold no buffers; and what was here may have been a password.
	 */
	if (s->input.len == 0)
		buf_wipe(&s->input);
}

/* Writes the replies. 1 when they are out, 0 when the connection waits, -1 when it is broken. */
static int
flush(struct imbucad_session *s)
{
	struct buf *output = smtp_server_output(s->smtp);

	while (output->len > 0) {
		ssize_t done = imbucad_channel_write(&s->channel, output->data, output->len);

		if (done == NET_TLS_AGAIN)
			return 0;
		if (done < 0)
			return -1;
		buf_consume(output, (size_t)done);
	}
	buf_free(output);
	return 1;
}

/* Reads and takes in one block. As flush; the end of the connection is -1 too. */
static int
receive(struct imbucad_session *s)
{
	char block[BLOCK];
	ssize_t got = imbucad_channel_read(&s->channel, block, sizeof block);

	if (got == NET_TLS_AGAIN)
		return 0;
	if (got <= 0)
		return -1;
	/* After the last word only the client's end is waited for, so that it can read that word.
	 */
	if (!s->ending)
		take(s, (struct slice){block, (size_t)got});
	explicit_bzero(block, (size_t)got);
	return 1;
}

/* One step: 1 for another one, 0 when the connection waits, -1 when the session is over. */
static int
step(struct imbucad_session *s)
{
	struct err e = ERR_INIT;
	int done;

	if (s->channel.shaking)
		return imbucad_channel_handshake(&s->channel, &e);
	done = flush(s);
	if (done != 1)
		return done;
	if (s->ending) {
		imbucad_channel_finish(&s->channel);
		return receive(s);
	}
	if (s->secure && s->channel.tls == NULL) {
		smtp_server_secured(s->smtp);
		return imbucad_channel_secure(&s->channel, s->service->identity, &e) == 0 ? 1 : -1;
	}
	if (s->held) {
		take(s, str_slice(""));
		return 1;
	}
	return receive(s);
}

short
imbucad_session_run(struct imbucad_session *s)
{
	for (int round = 0; round < ROUNDS; round++) {
		int done = step(s);

		if (done == 0)
			return s->channel.wants;
		if (done == -1)
			return 0;
	}
	return POLLIN | POLLOUT;
}

void
imbucad_session_end(struct imbucad_session *s, const struct err *e)
{
	smtp_server_end(s->smtp, e);
	s->ending = true;
	s->deadline = deadline_in(LAST_WORD_TIMEOUT);
}

struct deadline
imbucad_session_deadline(const struct imbucad_session *s)
{
	return s->deadline;
}

bool
imbucad_session_is_ending(const struct imbucad_session *s)
{
	return s->ending;
}

bool
imbucad_session_is_busy(const struct imbucad_session *s)
{
	return smtp_server_is_busy(s->smtp);
}
