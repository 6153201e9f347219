/*
 * session: see session.h.
 */
#include <config.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "imbucad/call.h"
#include "imbucad/channel.h"
#include "imbucad/message.h"
#include "imbucad/request.h"
#include "imbucad/sending.h"
#include "imbucad/session.h"
#include "sasl/server.h"
#include "smtp/refusal.h"

#include "base/banned.h"

enum {
	BLOCK = 16384,
	ROUNDS = 16, /* blocks before others have their turn */
	LAST_WORD_TIMEOUT = 5000,
	CALL_TIMEOUT = 330000, /* longer than whatever the spool waits for */
	RATE = 100,	       /* bytes a second that a message must bring, all in all */
};

struct imbucad_session {
	const struct imbucad_session_service *service;
	struct imbucad_channel channel;
	struct smtp_server *smtp;
	struct imbucad_origin origin; /* its texts are those below, or smtp's */
	char address[64];
	char *login;	       /* the name that was logged in with, or NULL */
	uint64_t login_number; /* of the login under way; 0 where none is */
	bool secure;
	bool ending; /* the last word is said */
	bool held;   /* the client must read its replies before more is taken */
	struct imbucad_message message;
	struct imbucad_sending sending; /* what follows the last reply */
	int call;			/* another process is to answer here, -1 where none is */
	/* What its answer is for. */
	void (*answered)(struct imbucad_session *s, struct imbucad_wire *answer, int fd);
	struct buf input; /* what came and was not taken yet */
	struct deadline deadline;
};

struct imbucad_session *
imbucad_session_new(
    const struct imbucad_session_service *service, int fd, const struct imbucad_origin *origin)
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
	s->sending = (struct imbucad_sending)IMBUCAD_SENDING_NONE;
	s->call = -1;
	s->service = service;
	s->origin = *origin;
	(void)str_copy(s->address, sizeof s->address, str_slice(origin->address));
	s->secure = service->tls;
	s->input = (struct buf)BUF_INIT(SMTP_SERVER_AUTH_LINE_MAX + BLOCK);
	s->deadline = deadline_in(s->service->timeout);
	s->smtp = smtp_server_new(&service->smtp, service->tls);
	if (s->smtp == NULL ||
	    (service->tls && imbucad_channel_secure(&s->channel, service->identity, &e) == -1)) {
		imbucad_session_free(s);
		return NULL;
	}
	return s;
}

static void
end_call(struct imbucad_session *s)
{
	if (s->call != -1)
		(void)close(s->call);
	s->call = -1;
}

void
imbucad_session_free(struct imbucad_session *s)
{
	end_call(s);
	imbucad_channel_close(&s->channel);
	imbucad_message_drop(&s->message);
	imbucad_sending_end(&s->sending);
	free(s->login);
	smtp_server_free(s->smtp);
	buf_wipe(&s->input);
	free(s);
}

/* --- asking the spool --- */

static const struct imbucad_origin *
origin_of(struct imbucad_session *s)
{
	s->origin.address = s->address;
	s->origin.login = s->login != NULL ? s->login : "";
	s->origin.client = smtp_server_client(s->smtp);
	s->origin.protocol = smtp_server_protocol(s->smtp);
	s->origin.tls = s->secure && s->channel.tls != NULL ? net_tls_version(s->channel.tls) : "";
	return &s->origin;
}

/* An answer of no that every answer in the row gets. */
static void
refuse_all(struct imbucad_session *s, const struct err *e)
{
	while (smtp_server_is_waiting(s->smtp))
		smtp_server_refuse(s->smtp, e);
}

/* Asks SERVICE; ANSWERED gets what it says. */
static void
ask(struct imbucad_session *s, int service, const struct buf *request, int fd,
    void (*answered)(struct imbucad_session *s, struct imbucad_wire *answer, int fd))
{
	struct err e = ERR_INIT;

	s->call = imbucad_call_begin(service, buf_slice(request), fd, &e);
	s->answered = answered;
	s->deadline = deadline_in(CALL_TIMEOUT);
	if (s->call != -1)
		return;
	(void)smtp_refusal(&e, 451, "4.3.2", "Too busy, please come back later");
	refuse_all(s, &e);
}

int
imbucad_session_call(const struct imbucad_session *s)
{
	return s->call;
}

void
imbucad_session_answered(struct imbucad_session *s)
{
	struct buf text = BUF_INIT(IMBUCAD_CALL_MAX);
	struct err e = ERR_INIT;
	int fd = -1;

	if (imbucad_call_end(s->call, deadline_in(0), &text, &fd, &e) == 0) {
		struct imbucad_wire answer = {buf_slice(&text), false};

		end_call(s);
		s->answered(s, &answer, fd);
	} else {
		end_call(s);
		(void)smtp_refusal(&e, 451, "4.3.0", "Something went wrong, please try again");
		refuse_all(s, &e);
	}
	s->deadline = deadline_in(s->service->timeout);
	s->held = s->input.len > 0;
	buf_wipe(&text);
}

/* --- the events of smtp/server, one function each --- */

static void
on_mail(struct imbucad_session *s, const struct smtp_server_detail *detail)
{
	struct err e = ERR_INIT;

	if (imbucad_message_begin(&s->message, &detail->command, &e) == 0)
		smtp_server_accept(s->smtp, NULL);
	else
		smtp_server_refuse(s->smtp, &e);
}

static void
answered_rcpt(struct imbucad_session *s, struct imbucad_wire *answer, int fd)
{
	struct err e = ERR_INIT;

	imbucad_wire_err(answer, &e);
	if (e.ex == 0 && imbucad_message_add(&s->message, fd, &e) == 0)
		smtp_server_accept(s->smtp, NULL);
	else
		smtp_server_refuse(s->smtp, &e);
}

static void
on_rcpt(struct imbucad_session *s, const struct smtp_server_detail *detail)
{
	struct buf request = BUF_INIT(IMBUCAD_CALL_MAX);
	struct err e = ERR_INIT;

	if (imbucad_message_ask(&s->message, origin_of(s), &detail->command, &request, &e) == 0)
		ask(s, s->service->spool, &request, -1, answered_rcpt);
	else
		smtp_server_refuse(s->smtp, &e);
	buf_free(&request);
}

/* A message earns time by its bytes, so that a byte now and then is no progress. */
static void
on_body(struct imbucad_session *s, const struct smtp_server_detail *detail)
{
	struct deadline most = deadline_in(s->service->timeout);

	imbucad_message_write(&s->message, detail->body);
	s->deadline.at += (int64_t)detail->body.len * 1000 / RATE;
	s->deadline = deadline_sooner(s->deadline, most);
}

static void
answered_message(struct imbucad_session *s, struct imbucad_wire *answer, int fd)
{
	uint64_t count = imbucad_wire_number(answer);

	if (fd != -1)
		(void)close(fd);
	imbucad_message_drop(&s->message);
	for (uint64_t i = 0; smtp_server_is_waiting(s->smtp); i++) {
		struct err e = ERR_INIT;

		if (i < count)
			imbucad_wire_err(answer, &e);
		if (i >= count || answer->bad)
			(void)err_set(&e, EX_TEMPFAIL, "the spool said too little");
		if (e.ex == 0)
			smtp_server_accept(s->smtp, e.msg[0] != '\0' ? e.msg : NULL);
		else
			smtp_server_refuse(s->smtp, &e);
	}
}

/* What went wrong with the file is a refusal with its reply; the file's name is nobody's business.
 */
static void
refuse_message(struct imbucad_session *s, const struct err *fault)
{
	struct err e = *fault;

	(void)smtp_refusal(&e, 452, "4.3.1", "There is no room for the message now");
	refuse_all(s, &e);
	imbucad_message_drop(&s->message);
}

static void
on_message(struct imbucad_session *s, const struct smtp_server_detail *detail)
{
	struct buf request = BUF_INIT(IMBUCAD_CALL_MAX);
	struct err e = ERR_INIT;

	(void)detail;
	if (imbucad_message_finish(
		&s->message, origin_of(s), smtp_server_answers_each(s->smtp), &request, &e) == 0)
		ask(s, s->service->spool, &request, s->message.fd, answered_message);
	else
		refuse_message(s, &e);
	buf_free(&request);
}

static void
on_reset(struct imbucad_session *s, const struct smtp_server_detail *detail)
{
	(void)detail;
	imbucad_message_drop(&s->message);
}

static void
answered_login(struct imbucad_session *s, struct imbucad_wire *answer, int fd)
{
	struct err e = ERR_INIT;
	enum sasl_server_state state;
	struct slice challenge;
	const char *user;

	if (fd != -1)
		(void)close(fd);
	imbucad_wire_err(answer, &e);
	state = (enum sasl_server_state)imbucad_wire_number(answer);
	challenge = imbucad_wire_slice(answer);
	user = imbucad_wire_text(answer);
	if (answer->bad)
		(void)err_set(&e, EX_TEMPFAIL, "the spool said too little");
	if (e.ex == 0 && state == SASL_SERVER_CHALLENGE) {
		smtp_server_challenge(s->smtp, challenge);
		return;
	}
	s->login_number = 0;
	s->login = e.ex == 0 ? strdup(user) : NULL;
	if (s->login != NULL)
		smtp_server_accept(s->smtp, NULL);
	else
		smtp_server_refuse(s->smtp, &e);
}

static void
ask_login(struct imbucad_session *s, struct slice mechanism, struct slice response)
{
	struct buf request = BUF_INIT(IMBUCAD_CALL_MAX);

	imbucad_wire_put_number(&request, IMBUCAD_REQUEST_LOGIN);
	imbucad_origin_put(&request, origin_of(s));
	imbucad_wire_put_number(&request, s->login_number);
	imbucad_wire_put_slice(&request, mechanism);
	imbucad_wire_put_slice(&request, response);
	ask(s, s->service->logins, &request, -1, answered_login);
	buf_wipe(&request);
}

static void
on_auth(struct imbucad_session *s, const struct smtp_server_detail *detail)
{
	struct slice initial = detail->command.initial;

	/* A number that no other session of this process has. */
	s->login_number = (uint64_t)(uintptr_t)s;
	ask_login(s, detail->command.mechanism, str_is(initial, "=") ? str_slice("") : initial);
}

static void
on_response(struct imbucad_session *s, const struct smtp_server_detail *detail)
{
	ask_login(s, str_slice(""), detail->response);
}

static void
answered_queue(struct imbucad_session *s, struct imbucad_wire *answer, int fd)
{
	struct buf text = BUF_INIT(64);
	struct err e = ERR_INIT;
	uint64_t bytes;

	imbucad_wire_err(answer, &e);
	bytes = fd != -1 ? imbucad_wire_number(answer) : 0;
	imbucad_sending_begin(&s->sending, fd, bytes);
	buf_addf(&text, "%llu bytes follow", (unsigned long long)bytes);
	if (e.ex == 0 && !answer->bad)
		smtp_server_accept(s->smtp, buf_text(&text));
	else
		smtp_server_refuse(s->smtp, &e);
	buf_free(&text);
}

static void
on_queue(struct imbucad_session *s, const struct smtp_server_detail *detail)
{
	struct buf request = BUF_INIT(IMBUCAD_CALL_MAX);

	imbucad_wire_put_number(&request, IMBUCAD_REQUEST_QUEUE);
	imbucad_origin_put(&request, origin_of(s));
	imbucad_wire_put_slice(&request, detail->command.argument);
	ask(s, s->service->spool, &request, -1, answered_queue);
	buf_free(&request);
}

/* What stands in clear text before TLS is gone with it, a login too. */
static void
on_starttls(struct imbucad_session *s, const struct smtp_server_detail *detail)
{
	(void)detail;
	s->secure = true;
	free(s->login);
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
	    [SMTP_SERVER_QUEUE] = on_queue,
	    [SMTP_SERVER_CLOSE] = on_close,
	};
	size_t before = smtp_server_output(s->smtp)->len;

	while (!s->ending) {
		struct smtp_server_detail detail;
		enum smtp_server_event event = smtp_server_next(s->smtp, &input, &detail);

		if (event == SMTP_SERVER_NEED_INPUT || event == SMTP_SERVER_NEED_ANSWER)
			break;
		handlers[event](s, &detail);
		if (event == SMTP_SERVER_STARTTLS)
			break;
	}
	/* Who got an answer has a new command's time. */
	if (s->call == -1 && smtp_server_output(s->smtp)->len > before)
		s->deadline = deadline_in(s->ending ? LAST_WORD_TIMEOUT : s->service->timeout);
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
	/* Replies go out together with the one that is being found out. */
	if (s->call != -1)
		return 0;
	done = flush(s);
	if (done != 1)
		return done;
	if (s->sending.fd != -1)
		return imbucad_sending_fill(&s->sending, smtp_server_output(s->smtp)) ? 1 : -1;
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

int
imbucad_session_run(struct imbucad_session *s)
{
	for (int round = 0; round < ROUNDS; round++) {
		int done = step(s);

		if (done == 0)
			return s->call != -1 ? 0 : s->channel.wants;
		if (done == -1)
			return IMBUCAD_SESSION_OVER;
	}
	return POLLIN | POLLOUT;
}

void
imbucad_session_end(struct imbucad_session *s, const struct err *e)
{
	end_call(s);
	smtp_server_end(s->smtp, e);
	s->ending = true;
	s->deadline = deadline_in(LAST_WORD_TIMEOUT);
}

void
imbucad_session_withhold_greeting(struct imbucad_session *s)
{
	buf_reset(smtp_server_output(s->smtp));
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
