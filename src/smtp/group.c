/*
 * group: see group.h.
 */
#include <config.h>

#include <string.h>

#include "base/i18n.h"
#include "net/name.h"
#include "smtp/command.h"
#include "smtp/group.h"

#include "base/banned.h"

enum {
	/* Commands that go out before their replies are read: so few that the replies fit our
	   input. */
	WINDOW = 256,
	COMMAND_MAX = 4096,
};

/* The commands' numbers; those of the recipients follow, and DATA comes last. */
enum { OPENING, MAIL, RECIPIENTS };

static size_t
data_number(const struct smtp_group *g)
{
	return RECIPIENTS + g->count;
}

/* The number behind the last command's. */
static size_t
end_number(const struct smtp_group *g)
{
	return g->chunked ? data_number(g) : data_number(g) + 1;
}

static bool
is_recipient(const struct smtp_group *g, size_t number)
{
	return number >= RECIPIENTS && number < data_number(g);
}

static bool
offers(const struct smtp_group *g, unsigned extension)
{
	return (g->client->ehlo.extensions & extension) != 0;
}

/* The fate of the recipient whose RCPT is command NUMBER. */
static struct smtp_transaction_fate *
fate_of(const struct smtp_group *g, size_t number)
{
	return &g->transaction->fates[g->recipients[number - RECIPIENTS]];
}

/* The recipient whose RCPT is command NUMBER. */
static const struct mail_envelope_recipient *
recipient_of(const struct smtp_group *g, size_t number)
{
	return &g->transaction->envelope->recipients[g->recipients[number - RECIPIENTS]];
}

/* The address that command NUMBER, MAIL or RCPT, bears. */
static const struct mail_address *
address_of(const struct smtp_group *g, size_t number)
{
	return number == MAIL ? &g->transaction->envelope->sender
			      : &recipient_of(g, number)->address;
}

/* The reply that belongs to command NUMBER. */
static struct smtp_reply *
reply_to(struct smtp_group *g, size_t number)
{
	if (is_recipient(g, number))
		return &fate_of(g, number)->reply;
	if (number == data_number(g))
		return &g->data;
	return number == MAIL ? &g->mail : &g->opening;
}

/* Does this MAIL go by SMTPUTF8 (RFC 6531)? */
static bool
is_utf8(const struct smtp_group *g)
{
	return (g->params.given & SMTP_PARAMS_SMTPUTF8) != 0;
}

/* Writes ADDRESS as it may stand in this MAIL: without SMTPUTF8 its domain as an A-label. */
static int
write_path(
    const struct smtp_group *g, const struct mail_address *address, struct buf *out, struct err *e)
{
	struct mail_address plain = *address;
	char domain[NET_NAME_SIZE];

	if (is_utf8(g) || !mail_address_is_utf8(address)) {
		mail_address_write(out, address);
		return 0;
	}
	if (str_has_8bit(str_slice(address->local)))
		return err_set(e, EX_DATAERR,
		    "the address <%s@%s> needs a server that offers SMTPUTF8, as this one does not",
		    address->local, address->domain);
	if (net_name_to_ascii(str_slice(address->domain), domain, e) != 0) {
		if (e->ex == EX_USAGE)
			e->ex = EX_DATAERR;
		return -1;
	}
	plain.domain = domain;
	mail_address_write(out, &plain);
	return 0;
}

/* The wishes for reports of the recipient of command NUMBER, as far as this server hears them. */
static struct smtp_params
params_of(const struct smtp_group *g, size_t number)
{
	const struct mail_envelope_recipient *recipient = recipient_of(g, number);
	struct smtp_params params = {.notify = recipient->notify};

	if (!offers(g, SMTP_EHLO_DSN))
		return params;
	if (recipient->notify != 0)
		params.given |= SMTP_PARAMS_NOTIFY;
	/* Letters beyond ASCII would need SMTPUTF8 (RFC 6533, 3). */
	if (recipient->orcpt != NULL &&
	    str_copy(params.orcpt, sizeof params.orcpt, str_slice(recipient->orcpt)) &&
	    (is_utf8(g) || !str_has_8bit(str_slice(params.orcpt))))
		params.given |= SMTP_PARAMS_ORCPT;
	return params;
}

/* Writes command NUMBER, MAIL or RCPT, with its CRLF. */
static int
write_command(const struct smtp_group *g, size_t number, struct buf *line, struct err *e)
{
	struct buf path = BUF_INIT(COMMAND_MAX);
	struct smtp_params params = number == MAIL ? g->params : params_of(g, number);
	int rc = write_path(g, address_of(g, number), &path, e);

	if (rc == 0 && number == MAIL)
		rc = smtp_command_mail(line, buf_slice(&path), &params, e);
	else if (rc == 0)
		rc = smtp_command_rcpt(line, buf_slice(&path), &params, e);
	buf_free(&path);
	return rc;
}

/* Answers command NUMBER in the server's place with what E says. */
static void
answer_here(struct smtp_group *g, size_t number, const struct err *e)
{
	struct smtp_reply *reply = reply_to(g, number);

	reply->ours = true;
	reply->code = 553;
	(void)str_copy(reply->enhanced, sizeof reply->enhanced, str_slice("5.6.7"));
	buf_adds(&reply->text, e->msg);
}

/* Adds MAIL or RCPT to what goes out. */
static int
put_address(struct smtp_group *g, size_t number, struct err *e)
{
	struct buf line = BUF_INIT(COMMAND_MAX);
	int rc = write_command(g, number, &line, e);

	if (rc == 0) {
		smtp_dialogue_add(
		    &g->client->dialogue, (struct slice){line.data, line.len - strlen("\r\n")});
	} else if (is_recipient(g, number) && e->ex == EX_DATAERR) {
		answer_here(g, number, e);
		rc = 0;
	}
	buf_free(&line);
	return rc;
}

/* Adds command NUMBER to what goes out. */
static int
put(struct smtp_group *g, size_t number, struct err *e)
{
	const struct smtp_client_login *login = &g->client->login;

	if (number == MAIL || is_recipient(g, number))
		return put_address(g, number, e);
	if (number == data_number(g))
		smtp_dialogue_add(&g->client->dialogue, str_slice("DATA"));
	else if (g->logs_in)
		smtp_dialogue_add_secret(
		    &g->client->dialogue, login->open, buf_slice(&login->response));
	else
		smtp_dialogue_add(&g->client->dialogue, str_slice("RSET"));
	return 0;
}

/*
 * Does REPLY to a RCPT say that this recipient is too many for one MAIL, as 452 does (RFC 5321
 * 4.5.3.1.10; 552 from servers that follow RFC 821)? Either may as well be about a mailbox that is
 * full; then an enhanced code says so.
 */
static bool
is_too_many(const struct smtp_reply *reply)
{
	const char *detail = reply->enhanced[0] != '\0' ? reply->enhanced + 1 : ".5.3";

	return (reply->code == 452 || reply->code == 552) && strcmp(detail, ".5.3") == 0;
}

/* What the reply to the RCPT with this NUMBER means for the group. */
static void
count_recipient(struct smtp_group *g, size_t number)
{
	struct smtp_transaction_fate *fate = fate_of(g, number);

	fate->stage = EXPLAIN_RCPT;
	if (smtp_reply_is(&fate->reply, 2)) {
		g->accepted++;
	} else if (g->accepted > 0 && is_too_many(&fate->reply)) {
		smtp_reply_reset(&fate->reply);
		g->left_over++;
	}
}

/* Is command NUMBER the one that went out right behind a login, which is good by now? */
static bool
is_along(const struct smtp_group *g, size_t number)
{
	return g->logs_in && number == MAIL;
}

static enum smtp_dialogue_wait
wait_for(const struct smtp_group *g, size_t number)
{
	if (number == data_number(g))
		return SMTP_DIALOGUE_DATA;
	if (g->logs_in && number == OPENING)
		return SMTP_DIALOGUE_LOGIN;
	return is_along(g, number) ? SMTP_DIALOGUE_ALONG : SMTP_DIALOGUE_COMMAND;
}

/*
 * Reads the reply to the next command, unless it was answered here. 1 where a server that took the
 * login says nothing to what came along: some throw that away, or hang up.
 */
static int
take(struct smtp_group *g, struct err *e)
{
	size_t number = g->answered++;
	struct smtp_reply *reply = reply_to(g, number);

	if (reply->code == 0 &&
	    smtp_dialogue_read(&g->client->dialogue, wait_for(g, number), reply, e) != 0)
		return is_along(g, number) ? smtp_client_log_in_apart(g->client) : -1;
	if (reply->code == 421) {
		(void)smtp_client_refused(
		    g->client, EXPLAIN_MAIL, reply, _("the server ends the session"), e);
		smtp_reply_reset(reply);
		return -1;
	}
	if (is_recipient(g, number))
		count_recipient(g, number);
	return 0;
}

/* Was the login refused? Then nothing that went along with it counts. */
static bool
is_locked_out(const struct smtp_group *g)
{
	return g->logs_in && g->answered > OPENING && !smtp_reply_is(&g->opening, 2);
}

/* Is there no sense in a further command, since nobody would get the message? */
static bool
is_lost(const struct smtp_group *g)
{
	if (g->answered > MAIL && !smtp_reply_is(&g->mail, 2))
		return true;
	return g->answered == data_number(g) && g->accepted == 0;
}

/* Adds the next commands to what goes out, as many as may go unanswered. */
static int
put_some(struct smtp_group *g, struct err *e)
{
	size_t window = offers(g, SMTP_EHLO_PIPELINING) ? WINDOW : 1;

	while (g->sent < end_number(g) && g->sent - g->answered < window) {
		if (put(g, g->sent, e) != 0) {
			smtp_dialogue_forget(&g->client->dialogue);
			return -1;
		}
		g->sent++;
	}
	return 0;
}

/* Begins the group, with what opens it where OPENS. */
static void
begin(struct smtp_group *g, bool opens)
{
	g->opening = g->mail = g->data = (struct smtp_reply)SMTP_REPLY_INIT;
	g->sent = g->answered = opens ? OPENING : MAIL;
}

int
smtp_group_put(struct smtp_group *g, struct err *e)
{
	begin(g, false);
	if (put_some(g, e) != 0)
		return -1;
	g->client->mails++;
	return 0;
}

int
smtp_group_talk(struct smtp_group *g, struct err *e)
{
	struct smtp_client *c = g->client;
	int rc = 0;

	if (g->sent == 0) {
		g->logs_in = c->login.open[0] != '\0';
		begin(g, g->logs_in || c->unclean);
		c->mails++;
	}
	c->unclean = true;
	while (rc == 0 && g->answered < end_number(g) && !is_locked_out(g)) {
		if (g->answered == g->sent) {
			if (is_lost(g))
				break;
			if (put_some(g, e) != 0 ||
			    smtp_dialogue_flush(&c->dialogue, SMTP_DIALOGUE_COMMAND, e) != 0)
				return -1;
		}
		rc = take(g, e);
	}
	return rc;
}

void
smtp_group_free(struct smtp_group *g)
{
	smtp_reply_reset(&g->opening);
	smtp_reply_reset(&g->mail);
	smtp_reply_reset(&g->data);
}
