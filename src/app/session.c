/*
 * session: see session.h.
 */
#include <config.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/session.h"
#include "app/submission.h"
#include "base/deadline.h"
#include "base/file.h"
#include "net/name.h"
#include "smtp/server.h"

#include "base/banned.h"

enum {
	BLOCK = 32 << 10,
	MESSAGE_MAX = 1 << 30,	/* bytes */
	IDLE_WAIT = 3600 * 1000 /* milliseconds: as long as sendmail waits */
};

struct session {
	const struct app_options *options;
	struct smtp_server *smtp;
	struct app_submission message; /* under way */
	int fd;			       /* its bytes, unnamed; -1 before there are any */
	struct err fault;	       /* why they could not be kept; ex 0 while they are */
	struct buf input;	       /* what came and was not taken yet */
};

/* --- one message --- */

static void
drop(struct session *s)
{
	app_submission_free(&s->message);
	s->message = (struct app_submission)APP_SUBMISSION_INIT(s->options);
	if (s->fd != -1)
		(void)close(s->fd);
	s->fd = -1;
	s->fault = (struct err)ERR_INIT;
}

/* The answer to the command at hand. */
static void
answer(struct session *s, int rc, const struct err *e)
{
	if (rc >= 0)
		smtp_server_accept(s->smtp, NULL);
	else
		smtp_server_refuse(s->smtp, e);
}

static int
take_sender(struct session *s, const struct smtp_command *command, struct err *e)
{
	struct app_submission *m = &s->message;
	struct slice path = str_slice(command->path.text);

	m->envelope.ret = command->params.ret;
	memcpy(m->envelope.envid, command->params.envid, sizeof m->envelope.envid);
	return mail_address_parse(&m->given, path.len > 0 ? path : str_slice("<>"), e);
}

static void
on_mail(struct session *s, const struct smtp_server_detail *detail)
{
	struct err e = ERR_INIT;

	drop(s);
	answer(s, take_sender(s, &detail->command, &e), &e);
}

static void
on_rcpt(struct session *s, const struct smtp_server_detail *detail)
{
	const struct smtp_params *params = &detail->command.params;
	char orcpt[sizeof params->orcpt];
	struct mail_envelope_recipient recipient = {.notify = params->notify};
	struct err e = ERR_INIT;
	int rc = mail_address_parse(&recipient.address, str_slice(detail->command.path.text), &e);

	memcpy(orcpt, params->orcpt, sizeof orcpt);
	if ((params->given & SMTP_PARAMS_ORCPT) != 0)
		recipient.orcpt = orcpt;
	if (rc == 0)
		rc = mail_envelope_add_recipient(&s->message.envelope, &recipient, &e);
	mail_address_free(&recipient.address);
	answer(s, rc, &e);
}

static void
on_body(struct session *s, const struct smtp_server_detail *detail)
{
	if (s->fault.ex == 0 && s->fd == -1)
		s->fd = file_open_unnamed(NULL, &s->fault);
	if (s->fault.ex == 0)
		(void)file_write(s->fd, "the message's temporary file", detail->body.ptr,
		    detail->body.len, &s->fault);
}

/* Reads what came and sends it. */
static int
submit(struct session *s, struct err *e)
{
	static const struct mail_message_options reading = {.dot_ends = false};
	struct app_submission *m = &s->message;
	const struct smtp_server_detail nothing = {.body = STR_LITERAL("")};

	on_body(s, &nothing); /* an empty message is one, too */
	if (s->fault.ex != 0) {
		*e = s->fault;
		return -1;
	}
	if (lseek(s->fd, 0, SEEK_SET) != 0)
		return err_set_errno(e, EX_IOERR, errno, "cannot read the message");
	m->message = mail_message_read(s->fd, &reading, e);
	if (m->message == NULL || app_submission_route(m, e) != 0 ||
	    app_submission_complete(m, e) != 0)
		return -1;
	return app_submission_send(m, e);
}

/* What kind of no an exit code is, where no server has said it (RFC 3463). */
static void
set_reply(struct err *e)
{
	static const struct {
		int ex, code;
		const char *enhanced;
	} rows[] = {
	    {EX_TEMPFAIL, 451, "4.3.0"},
	    {EX_DATAERR, 554, "5.6.0"},
	    {EX_NOUSER, 550, "5.1.1"},
	    {EX_NOPERM, 550, "5.7.1"},
	    {EX_CONFIG, 451, "4.3.5"},
	    {0, 554, "5.0.0"},
	};
	size_t i = 0;

	/* One recipient may be worth another try where the last reply was about another. */
	if (e->code >= 500 && e->ex == EX_TEMPFAIL)
		e->code = 0;
	if (e->code >= 400)
		return;
	while (rows[i].ex != 0 && rows[i].ex != e->ex)
		i++;
	e->code = rows[i].code;
	(void)str_copy(e->enhanced, sizeof e->enhanced, str_slice(rows[i].enhanced));
}

static void
on_message(struct session *s, const struct smtp_server_detail *detail)
{
	struct err e = ERR_INIT;
	int rc = submit(s, &e);

	(void)detail;
	if (rc != 0)
		set_reply(&e);
	answer(s, rc, &e);
	drop(s);
}

static void
on_reset(struct session *s, const struct smtp_server_detail *detail)
{
	(void)detail;
	drop(s);
}

/* --- the session --- */

/* Takes in what came. Returns false at the session's end. */
static bool
feed(struct session *s)
{
	static void (*const handlers[])(struct session *, const struct smtp_server_detail *) = {
	    [SMTP_SERVER_MAIL] = on_mail,
	    [SMTP_SERVER_RCPT] = on_rcpt,
	    [SMTP_SERVER_BODY] = on_body,
	    [SMTP_SERVER_MESSAGE] = on_message,
	    [SMTP_SERVER_RESET] = on_reset,
	    [SMTP_SERVER_CLOSE] = NULL,
	};
	struct slice rest = buf_slice(&s->input);
	struct smtp_server_detail detail;
	enum smtp_server_event event;

	while ((event = smtp_server_next(s->smtp, &rest, &detail)) != SMTP_SERVER_NEED_INPUT &&
	       handlers[event] != NULL)
		handlers[event](s, &detail);
	buf_consume(&s->input, s->input.len - rest.len);
	return event == SMTP_SERVER_NEED_INPUT;
}

static int
write_replies(struct session *s, struct err *e)
{
	struct buf *output = smtp_server_output(s->smtp);
	int rc = file_write(STDOUT_FILENO, "standard output", output->data, output->len, e);

	buf_reset(output);
	return rc;
}

/* Waits for the next bytes. Returns how many came, 0 at the end, -1 on errors. */
static ssize_t
read_more(struct session *s, struct err *e)
{
	struct pollfd wait = {.fd = STDIN_FILENO, .events = POLLIN};
	char *room = buf_room(&s->input, BLOCK);
	ssize_t got;

	if (room == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for a command");
	do {
		if (poll(&wait, 1, IDLE_WAIT) == 0)
			return err_set(e, EX_TEMPFAIL, "nothing was said for an hour");
		got = read(STDIN_FILENO, room, BLOCK);
	} while (got < 0 && (errno == EINTR || errno == EAGAIN));
	if (got < 0)
		return err_set_errno(e, EX_IOERR, errno, "cannot read standard input");
	buf_grew(&s->input, (size_t)got);
	return got;
}

/* Replies go out whenever all that came is taken, or there are too many to hold. */
static int
serve(struct session *s, struct err *e)
{
	ssize_t got = 1;

	while (got > 0) {
		bool open = feed(s);
		bool full = smtp_server_output(s->smtp)->len >= SMTP_SERVER_OUTPUT_MAX / 2;

		if (write_replies(s, e) != 0)
			return -1;
		if (!open)
			return 0;
		if (!full)
			got = read_more(s, e);
	}
	return got < 0 ? -1 : 0;
}

int
app_session_run(const struct app_options *options, struct err *e)
{
	char host[NET_NAME_SIZE];
	const struct smtp_server_params params = {
	    .hostname = host,
	    .lenient = true,
	    .dsn = true,
	    .max_size = MESSAGE_MAX,
	    .max_recipients = MAIL_ADDRESS_LIST_MAX,
	};
	struct session s = {
	    .options = options,
	    .message = APP_SUBMISSION_INIT(options),
	    .fd = -1,
	    .fault = ERR_INIT,
	    .input = BUF_INIT(SMTP_SERVER_AUTH_LINE_MAX + 2 * BLOCK),
	};
	int rc = -1;

	net_name_of_host(host);
	s.smtp = smtp_server_new(&params, false);
	if (s.smtp == NULL)
		(void)err_set(e, EX_TEMPFAIL, "no memory for a session");
	else
		rc = serve(&s, e);
	drop(&s);
	buf_free(&s.input);
	smtp_server_free(s.smtp);
	return rc;
}
