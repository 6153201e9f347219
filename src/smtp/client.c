/*
 * client: see client.h.
 */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "net/tls.h"
#include "smtp/client.h"

#include "base/banned.h"

enum { TEXT_MAX = 4096 };

/* Challenges that a server may ask in one login; no mechanism needs more than three. */
enum { ROUNDS_MAX = 8, ANSWER_MAX = 16 << 10 };

/* Bytes of a command's line without its CRLF (RFC 5321, 4.5.3.1.4). */
enum { COMMAND_MAX = 510 };

int
smtp_client_refused(const struct smtp_client *c, enum explain_stage stage,
    const struct smtp_reply *reply, const char *what, struct err *e)
{
	struct explain_verdict verdict = smtp_reply_explain(reply, stage, c->provider);

	(void)smtp_reply_fail(reply, verdict.ex, what, e);
	explain_tell(&verdict, e);
	return -1;
}

int
smtp_client_refused_address(const struct smtp_client *c, enum explain_stage stage,
    const struct smtp_reply *reply, const char *what, const struct mail_address *address,
    struct err *e)
{
	struct buf whole = BUF_INIT(TEXT_MAX);

	buf_addf(&whole, "%s <", what);
	mail_address_write(&whole, address);
	buf_addc(&whole, '>');
	(void)smtp_client_refused(c, stage, reply, buf_text(&whole), e);
	buf_free(&whole);
	return -1;
}

/* HELO is for a server that knows no EHLO (RFC 5321, 3.2). */
int
smtp_client_hello(struct smtp_client *c, struct err *e)
{
	struct smtp_reply reply = SMTP_REPLY_INIT;
	char line[512];
	bool extends = true;
	int rc;

	(void)snprintf(line, sizeof line, "%s %s", c->lmtp ? "LHLO" : "EHLO", c->name);
	rc = smtp_dialogue_ask(&c->dialogue, line, SMTP_DIALOGUE_COMMAND, &reply, e);
	if (rc == 0 && !c->lmtp && smtp_reply_is(&reply, 5)) {
		(void)snprintf(line, sizeof line, "HELO %s", c->name);
		rc = smtp_dialogue_ask(&c->dialogue, line, SMTP_DIALOGUE_COMMAND, &reply, e);
		extends = false;
	}
	if (rc == 0 && !smtp_reply_is(&reply, 2))
		rc = smtp_client_refused(
		    c, EXPLAIN_EHLO, &reply, _("the server refuses our greeting"), e);
	if (rc == 0) {
		if (!extends)
			buf_reset(&reply.text);
		smtp_ehlo_parse(&c->ehlo, &reply);
		c->ehlo.extensions &= ~c->unwanted;
	}
	smtp_reply_reset(&reply);
	return rc;
}

/* There is no greeting: what a port that waits for TLS, or speaks it, may be the cause of. */
static int
fail_greeting(struct err *e)
{
	(void)err_failure(e, e->failure != NULL ? "no_greeting" : "no_smtp");
	return err_prefix(e, "no greeting from the server");
}

int
smtp_client_welcome(struct smtp_client *c, struct err *e)
{
	struct smtp_reply reply = SMTP_REPLY_INIT;
	int rc = smtp_dialogue_read(&c->dialogue, SMTP_DIALOGUE_GREETING, &reply, e);
	struct slice rest = buf_slice(&reply.text);

	if (rc != 0)
		rc = fail_greeting(e);
	else if (!smtp_reply_is(&reply, 2))
		rc = smtp_client_refused(
		    c, EXPLAIN_CONNECT, &reply, _("the server does not want this connection"), e);
	(void)str_escape(c->greeting, sizeof c->greeting, str_cut(&rest, '\n'));
	smtp_reply_reset(&reply);
	return rc;
}

int
smtp_client_greet(struct smtp_client *c, struct err *e)
{
	return smtp_client_welcome(c, e) == 0 ? smtp_client_hello(c, e) : -1;
}

int
smtp_client_start_tls(struct smtp_client *c, const struct net_tls_params *params, struct err *e)
{
	struct smtp_reply reply = SMTP_REPLY_INIT;
	int rc;

	if ((c->ehlo.extensions & SMTP_EHLO_STARTTLS) == 0) {
		(void)err_set(e, EX_PROTOCOL, "the server does not offer STARTTLS");
		return err_failure(e, "no_starttls");
	}
	rc = smtp_dialogue_ask(&c->dialogue, "STARTTLS", SMTP_DIALOGUE_COMMAND, &reply, e);
	if (rc == 0 && !smtp_reply_is(&reply, 2))
		rc = smtp_client_refused(
		    c, EXPLAIN_TLS, &reply, _("the server refuses STARTTLS"), e);
	smtp_reply_reset(&reply);
	if (rc == 0)
		rc = net_stream_start_tls(c->dialogue.stream, params,
		    smtp_dialogue_deadline(&c->dialogue, SMTP_DIALOGUE_TLS), e);
	if (rc != 0) {
		c->dialogue.over = true;
		return -1;
	}
	net_transcript_tls(c->dialogue.transcript, net_stream_tls(c->dialogue.stream));
	return smtp_client_hello(c, e);
}

/* Says OPEN with the secret TEXT behind it, and reads what the server says to that. */
static int
say(struct smtp_client *c, const char *open, struct slice text, struct smtp_reply *reply,
    struct err *e)
{
	smtp_dialogue_add_secret(&c->dialogue, open, text);
	if (smtp_dialogue_flush(&c->dialogue, SMTP_DIALOGUE_COMMAND, e) != 0)
		return -1;
	return smtp_dialogue_read(&c->dialogue, SMTP_DIALOGUE_LOGIN, reply, e);
}

/*
 * AUTH with its initial response. One that the command's line does not hold waits for the server's
 * empty challenge (RFC 4954, 4).
 */
static int
say_first(struct smtp_client *c, const char *command, struct slice text, struct smtp_reply *reply,
    struct err *e)
{
	char open[80];

	if (strlen(command) + 1 + text.len <= COMMAND_MAX) {
		(void)snprintf(open, sizeof open, "%s ", command);
		return say(c, open, text.len == 0 ? str_slice("=") : text, reply, e);
	}
	if (smtp_dialogue_ask(&c->dialogue, command, SMTP_DIALOGUE_LOGIN, reply, e) != 0)
		return -1;
	return reply->code == 334 ? say(c, "", text, reply, e) : 0;
}

/* Begins a login by PARAMS with the best mechanism that both have. */
static struct sasl_client *
begin_login(struct smtp_client *c, const struct sasl_client_params *params, struct err *e)
{
	struct sasl_client *sasl = NULL;

	if (params->password != NULL)
		smtp_dialogue_hide(&c->dialogue, params->password);
	return sasl_client_new(params, c->ehlo.auth, &sasl, e) == 0 ? sasl : NULL;
}

/* Says AUTH: REPLY is the server's word to that. */
static int
begin(struct smtp_client *c, struct sasl_client *sasl, struct smtp_reply *reply, struct err *e)
{
	struct buf text = BUF_INIT(ANSWER_MAX);
	char command[64];
	int rc;

	(void)snprintf(command, sizeof command, "AUTH %s", sasl_client_mechanism(sasl));
	if (!sasl_client_speaks_first(sasl))
		return smtp_dialogue_ask(&c->dialogue, command, SMTP_DIALOGUE_LOGIN, reply, e);
	rc = sasl_client_step(sasl, str_slice(""), &text, e);
	if (rc == 0)
		rc = say_first(c, command, buf_slice(&text), reply, e);
	buf_wipe(&text);
	return rc;
}

/* Answers CHALLENGE, or takes the login back where there is no answer. */
static int
answer(struct smtp_client *c, struct sasl_client *sasl, struct slice challenge,
    struct smtp_reply *reply, struct err *e)
{
	struct buf text = BUF_INIT(ANSWER_MAX);
	struct err ignored;
	int rc = sasl_client_step(sasl, challenge, &text, e);

	if (rc == 0)
		rc = say(c, "", buf_slice(&text), reply, e);
	else
		(void)smtp_dialogue_ask(&c->dialogue, "*", SMTP_DIALOGUE_LOGIN, reply, &ignored);
	buf_wipe(&text);
	return rc;
}

/* The rest of the exchange: REPLY, from begin, becomes the server's last word. */
static int
go_on(struct smtp_client *c, struct sasl_client *sasl, struct smtp_reply *reply, struct err *e)
{
	int rc = 0;

	for (int round = 0; rc == 0 && reply->code == 334; round++) {
		struct smtp_reply challenge = SMTP_REPLY_INIT;

		if (round == ROUNDS_MAX)
			return err_set(e, EX_PROTOCOL, "the server asks without end in the login");
		smtp_reply_move(&challenge, reply);
		rc = answer(c, sasl, buf_slice(&challenge.text), reply, e);
		smtp_reply_reset(&challenge);
	}
	return rc;
}

/*
 * Does REPLY, the first to AUTH, refuse the mechanism without a look at the password (RFC 4954, 4
 * and 6)? A 534 does not count: it says that only a stronger mechanism will do, and there is none
 * left; in Gmail's mouth it wants an app password. Nor does a 535: a password is not tried twice.
 */
static bool
refuses_mechanism(const struct smtp_reply *reply)
{
	static const int codes[] = {501, 504, 538};

	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		if (reply->code == codes[i])
			return true;
	}
	return false;
}

/* AUTH, with the next mechanism as long as the server refuses one and there is another. */
static int
begin_any(struct smtp_client *c, struct sasl_client *sasl, struct smtp_reply *reply, struct err *e)
{
	int more = 1;

	while (more == 1) {
		if (begin(c, sasl, reply, e) != 0)
			return -1;
		if (!refuses_mechanism(reply))
			return 0;
		more = sasl_client_next(sasl, e);
	}
	return more;
}

static int
refused(const struct smtp_client *c, const struct sasl_client *sasl, const struct smtp_reply *reply,
    struct err *e)
{
	const char *told = sasl_client_told(sasl);
	char what[256];

	if (told[0] == '\0')
		return smtp_client_refused(
		    c, EXPLAIN_AUTH, reply, _("the server refuses the login"), e);
	(void)snprintf(what, sizeof what, _("the server refuses the login (%s)"), told);
	return smtp_client_refused(c, EXPLAIN_AUTH, reply, what, e);
}

int
smtp_client_log_in(struct smtp_client *c, const struct sasl_client_params *params, struct err *e)
{
	struct smtp_reply reply = SMTP_REPLY_INIT;
	struct sasl_client *sasl = begin_login(c, params, e);
	int rc = sasl != NULL ? begin_any(c, sasl, &reply, e) : -1;

	if (rc == 0)
		rc = go_on(c, sasl, &reply, e);
	if (rc == 0 && !smtp_reply_is(&reply, 2))
		rc = refused(c, sasl, &reply, e);
	else if (rc == 0 && !sasl_client_is_done(sasl))
		rc = err_set(e, EX_PROTOCOL, "the server did not prove that it knows the password");
	sasl_client_free(sasl);
	smtp_reply_reset(&reply);
	return rc;
}

/* May other commands follow AUTH by MECHANISM before its reply was read? (RFC 4954, 4) */
static bool
may_be_followed(const char *mechanism)
{
	return strcmp(mechanism, "PLAIN") == 0 || strcmp(mechanism, "EXTERNAL") == 0;
}

/* Makes SASL's AUTH wait. 1 where it does, 0 where it cannot go along with other commands. */
static int
put_off(struct smtp_client *c, struct sasl_client *sasl, struct err *e)
{
	struct smtp_client_login *login = &c->login;

	if (!may_be_followed(sasl_client_mechanism(sasl)))
		return 0;
	login->response = (struct buf)BUF_INIT(ANSWER_MAX);
	if (sasl_client_step(sasl, str_slice(""), &login->response, e) != 0)
		return -1;
	if (login->response.len == 0)
		buf_addc(&login->response, '=');
	(void)snprintf(login->open, sizeof login->open, "AUTH %s ", sasl_client_mechanism(sasl));
	if (strlen(login->open) + login->response.len <= COMMAND_MAX)
		return 1;
	login->open[0] = '\0';
	buf_wipe(&login->response);
	return 0;
}

int
smtp_client_log_in_along(
    struct smtp_client *c, const struct sasl_client_params *params, struct err *e)
{
	struct sasl_client *sasl;
	int rc = 0;

	if ((c->ehlo.extensions & SMTP_EHLO_PIPELINING) != 0) {
		sasl = begin_login(c, params, e);
		if (sasl == NULL)
			return -1;
		rc = put_off(c, sasl, e);
		sasl_client_free(sasl);
	}
	if (rc == 0)
		return smtp_client_log_in(c, params, e);
	return rc == 1 ? 0 : -1;
}

/* Is REPLY to AUTH about the group or the mechanism, and says nothing of the password? */
static bool
is_stumble(const struct smtp_reply *reply)
{
	return reply->code == 334 || reply->code / 10 == 50 || reply->code == 554 ||
	       refuses_mechanism(reply);
}

int
smtp_client_log_in_apart(struct smtp_client *c)
{
	c->dialogue.over = true;
	c->unwanted |= SMTP_EHLO_PIPELINING;
	net_transcript_remark(c->dialogue.transcript, "again, with nothing behind the login");
	return 1;
}

int
smtp_client_logged_in(struct smtp_client *c, const struct smtp_reply *reply, struct err *e)
{
	c->login.open[0] = '\0';
	buf_wipe(&c->login.response);
	if (smtp_reply_is(reply, 2))
		return 0;
	c->dialogue.over = true;
	if (is_stumble(reply))
		return smtp_client_log_in_apart(c);
	return smtp_client_refused(c, EXPLAIN_AUTH, reply, _("the server refuses the login"), e);
}

bool
smtp_client_is_spent(const struct smtp_client *c)
{
	return c->ehlo.limits.mails > 0 && c->mails >= c->ehlo.limits.mails;
}

void
smtp_client_quit(struct smtp_client *c)
{
	struct smtp_reply reply = SMTP_REPLY_INIT;
	struct err ignored;

	c->dialogue.over = c->dialogue.over || c->ahead != NULL;
	if (!c->dialogue.over && c->said_quit)
		(void)smtp_dialogue_read(&c->dialogue, SMTP_DIALOGUE_FAREWELL, &reply, &ignored);
	else if (!c->dialogue.over)
		(void)smtp_dialogue_ask(
		    &c->dialogue, "QUIT", SMTP_DIALOGUE_FAREWELL, &reply, &ignored);
	smtp_reply_reset(&reply);
	c->dialogue.over = true;
}

void
smtp_client_free(struct smtp_client *c)
{
	buf_wipe(&c->login.response);
	smtp_dialogue_free(&c->dialogue);
}
