/*
 * transaction: see transaction.h.
 */
#include <config.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "net/name.h"
#include "smtp/command.h"
#include "smtp/transaction.h"

#include "base/banned.h"

enum {
	/* Commands that go out before their replies are read: so few that the replies fit our
	   input. */
	WINDOW = 256,
	/* A block of content that is shorter is the last (mail/message.h). */
	BLOCK_MIN = 32 << 10,
	COMMAND_MAX = 4096,
};

/*
 * The commands of a transaction by number: MAIL is 0, the RCPTs follow, DATA comes last. A struct
 * run counts those sent and those answered.
 */
struct run {
	struct smtp_client *client;
	struct smtp_transaction *transaction;
	struct smtp_params params;
	struct smtp_reply mail, data;
	size_t sent, answered;
};

static size_t
data_number(const struct run *r)
{
	return r->transaction->envelope->count + 1;
}

static bool
offers(const struct run *r, unsigned extension)
{
	return (r->client->ehlo.extensions & extension) != 0;
}

/* Writes ADDRESS as this server takes it: without SMTPUTF8 its domain as an A-label. */
static int
write_path(const struct run *r, const struct mail_address *address, struct buf *out, struct err *e)
{
	struct mail_address plain = *address;
	char domain[NET_NAME_SIZE];

	if (mail_address_is_utf8(address) && !offers(r, SMTP_EHLO_SMTPUTF8)) {
		if (str_has_8bit(str_slice(address->local)))
			return err_set(e, EX_DATAERR,
			    "the server takes no address with '%s' before the @", address->local);
		if (net_name_to_ascii(str_slice(address->domain), domain, e) != 0) {
			e->ex = EX_DATAERR;
			return -1;
		}
		plain.domain = domain;
	}
	mail_address_write(out, &plain);
	return 0;
}

/* Writes command NUMBER, with its CRLF. */
static int
write_command(const struct run *r, size_t number, struct buf *line, struct err *e)
{
	const struct mail_envelope *envelope = r->transaction->envelope;
	struct buf path = BUF_INIT(COMMAND_MAX);
	int rc;

	if (number == data_number(r)) {
		buf_adds(line, "DATA\r\n");
		return 0;
	}
	rc = write_path(r,
	    number == 0 ? &envelope->sender : &envelope->recipients[number - 1].address, &path, e);
	if (rc == 0 && number == 0)
		rc = smtp_command_mail(line, buf_slice(&path), &r->params, e);
	else if (rc == 0)
		rc = smtp_command_rcpt(line, buf_slice(&path), NULL, e);
	buf_free(&path);
	return rc;
}

/* The reply that belongs to command NUMBER. */
static struct smtp_reply *
reply_to(struct run *r, size_t number)
{
	if (number == 0)
		return &r->mail;
	return number == data_number(r) ? &r->data : &r->transaction->recipients[number - 1];
}

/*
 * Adds command NUMBER to the group. A recipient whose address this server cannot take is answered
 * in the server's place (RFC 6531, 3.5), so that the others still get the message.
 */
static int
put(struct run *r, size_t number, struct err *e)
{
	struct buf line = BUF_INIT(COMMAND_MAX);
	int rc = write_command(r, number, &line, e);

	if (rc == 0) {
		smtp_dialogue_add(
		    &r->client->dialogue, (struct slice){line.data, line.len - strlen("\r\n")});
	} else if (number > 0 && e->ex == EX_DATAERR) {
		struct smtp_reply *reply = reply_to(r, number);

		reply->code = 553;
		(void)str_copy(reply->enhanced, sizeof reply->enhanced, str_slice("5.6.7"));
		buf_adds(&reply->text, e->msg);
		rc = 0;
	}
	buf_free(&line);
	return rc;
}

/* Reads the reply to the next command, unless it was answered here. */
static int
take(struct run *r, struct err *e)
{
	size_t number = r->answered++;
	bool data = number == data_number(r);
	struct smtp_reply *reply = reply_to(r, number);

	if (reply->code != 0)
		return 0;
	if (smtp_dialogue_read(&r->client->dialogue,
		data ? SMTP_DIALOGUE_DATA : SMTP_DIALOGUE_COMMAND, reply, e) != 0)
		return -1;
	if (reply->code == 421)
		return smtp_client_refused(EXPLAIN_MAIL, reply, "the server ends the session", e);
	if (number > 0 && !data && smtp_reply_is(reply, 2))
		r->transaction->accepted++;
	return 0;
}

/* Is there no sense in a further command, since nobody would get the message? */
static bool
is_lost(const struct run *r)
{
	if (r->sent == 0)
		return false;
	return !smtp_reply_is(&r->mail, 2) ||
	       (r->sent == data_number(r) && r->transaction->accepted == 0);
}

/* Sends the commands, a window at a time, and reads their replies. */
static int
talk(struct run *r, struct err *e)
{
	size_t window = offers(r, SMTP_EHLO_PIPELINING) ? WINDOW : 1;

	while (r->answered <= data_number(r)) {
		if (r->answered == r->sent) {
			if (is_lost(r))
				return 0;
			while (r->sent <= data_number(r) && r->sent - r->answered < window) {
				if (put(r, r->sent, e) != 0)
					return -1;
				r->sent++;
			}
			if (smtp_dialogue_flush(&r->client->dialogue, SMTP_DIALOGUE_COMMAND, e) !=
			    0)
				return -1;
		}
		if (take(r, e) != 0)
			return -1;
	}
	return 0;
}

/* Writes the content, its final dot, and QUIT where that may go along. */
static int
write_content(struct run *r, struct mail_message_stream *stream, struct err *e)
{
	struct smtp_dialogue *d = &r->client->dialogue;
	struct buf tail = BUF_INIT(BLOCK_MIN + 64);
	struct slice block;
	uint64_t size = 0;
	int rc;

	while ((rc = mail_message_stream_next(stream, &block, e)) == 1) {
		size += block.len;
		if (block.len < BLOCK_MIN)
			buf_add_slice(&tail, block);
		else if (net_stream_write(d->stream, block,
			     smtp_dialogue_deadline(d, SMTP_DIALOGUE_BLOCK), e) != 0)
			break;
	}
	if (rc == 0) {
		net_transcript_remark(d->transcript, "%" PRIu64 " bytes of content", size);
		net_transcript_line(d->transcript, NET_TRANSCRIPT_CLIENT, str_slice("."));
		buf_adds(&tail, ".\r\n");
		if (r->transaction->last && offers(r, SMTP_EHLO_PIPELINING)) {
			net_transcript_line(
			    d->transcript, NET_TRANSCRIPT_CLIENT, str_slice("QUIT"));
			buf_adds(&tail, "QUIT\r\n");
			r->client->said_quit = true;
		}
		rc = net_stream_write(
		    d->stream, buf_slice(&tail), smtp_dialogue_deadline(d, SMTP_DIALOGUE_BLOCK), e);
	}
	buf_free(&tail);
	return rc == 0 ? 0 : -1;
}

/* A lone dot after a 354 that came though nobody is to get the message. */
static void
send_nothing(struct run *r)
{
	struct smtp_reply reply = SMTP_REPLY_INIT;
	struct err ignored;

	(void)smtp_dialogue_ask(&r->client->dialogue, ".", SMTP_DIALOGUE_END, &reply, &ignored);
	smtp_reply_reset(&reply);
}

/*
 * The connection broke while the content was written. What the server said before it hung up is
 * worth more than that it did.
 */
static int
broken_off(struct run *r, struct err *e)
{
	struct smtp_reply reply = SMTP_REPLY_INIT;
	struct err ignored;

	r->client->dialogue.over = true;
	if (e->ex != EX_IOERR && net_stream_input(r->client->dialogue.stream).len > 0 &&
	    smtp_dialogue_read(&r->client->dialogue, SMTP_DIALOGUE_FAREWELL, &reply, &ignored) ==
		0 &&
	    (smtp_reply_is(&reply, 4) || smtp_reply_is(&reply, 5)))
		(void)smtp_client_refused(
		    EXPLAIN_DATA, &reply, "the server broke off the message", e);
	else
		(void)err_prefix(e, "while the message was sent");
	smtp_reply_reset(&reply);
	return -1;
}

/* The content, after the 354. */
static int
send_content(struct run *r, struct err *e)
{
	struct smtp_transaction *t = r->transaction;
	struct mail_message_stream *stream = mail_message_stream_open(t->message, true, e);
	int rc;

	if (stream == NULL) {
		r->client->dialogue.over = true;
		return -1;
	}
	rc = write_content(r, stream, e);
	mail_message_stream_close(stream);
	if (rc != 0)
		return broken_off(r, e);
	if (smtp_dialogue_read(&r->client->dialogue, SMTP_DIALOGUE_END, &t->end, e) != 0) {
		t->uncertain = true;
		(void)err_prefix(e, "no reply to the whole message");
		return err_hint(
		    e, "it may have been delivered all the same: look before you send it again");
	}
	if (!smtp_reply_is(&t->end, 2))
		return smtp_client_refused(
		    EXPLAIN_DATA, &t->end, "the server refuses the message", e);
	return 0;
}

/* "the server refuses the WHO <ADDRESS>: the reply". */
static int
refused(enum explain_stage stage, const struct smtp_reply *reply, const char *who,
    const struct mail_address *address, struct err *e)
{
	struct buf what = BUF_INIT(COMMAND_MAX);

	buf_addf(&what, "the server refuses the %s <", who);
	mail_address_write(&what, address);
	buf_addc(&what, '>');
	(void)smtp_client_refused(stage, reply, buf_text(&what), e);
	buf_free(&what);
	return -1;
}

/* What the replies to the commands come to: may the content go? */
static int
judge(struct run *r, struct err *e)
{
	struct smtp_transaction *t = r->transaction;

	if (smtp_reply_is(&r->mail, 2) && t->accepted > 0 && r->data.code == 354)
		return 0;
	if (r->data.code == 354)
		send_nothing(r);
	if (!smtp_reply_is(&r->mail, 2))
		return refused(EXPLAIN_MAIL, &r->mail, "sender", &t->envelope->sender, e);
	if (t->accepted == 0)
		return refused(EXPLAIN_RCPT, &t->recipients[0], "recipient",
		    &t->envelope->recipients[0].address, e);
	return smtp_client_refused(
	    EXPLAIN_DATA, &r->data, "the server refuses to take the message", e);
}

/* What MAIL declares, as far as the server offers it; the size is checked here. */
static int
declare(struct run *r, struct err *e)
{
	struct mail_message_facts facts = mail_message_facts(r->transaction->message);
	const struct mail_envelope *envelope = r->transaction->envelope;
	uint64_t limit = r->client->ehlo.size;
	bool utf8 = mail_address_is_utf8(&envelope->sender);

	if (limit > 0 && facts.size > limit) {
		(void)err_set(e, EX_DATAERR,
		    "the message has %" PRIu64 " bytes, and the server takes %" PRIu64, facts.size,
		    limit);
		return err_hint(e, "send less, or a link to it");
	}
	for (size_t i = 0; i < envelope->count; i++)
		utf8 = utf8 || mail_address_is_utf8(&envelope->recipients[i].address);
	r->params.size = facts.size;
	r->params.body =
	    facts.body_8bit || facts.header_8bit ? SMTP_PARAMS_8BITMIME : SMTP_PARAMS_7BIT;
	if (offers(r, SMTP_EHLO_SIZE))
		r->params.given |= SMTP_PARAMS_SIZE;
	if (offers(r, SMTP_EHLO_8BITMIME) && r->params.body == SMTP_PARAMS_8BITMIME)
		r->params.given |= SMTP_PARAMS_BODY;
	if (offers(r, SMTP_EHLO_SMTPUTF8) && utf8)
		r->params.given |= SMTP_PARAMS_SMTPUTF8;
	return 0;
}

int
smtp_transaction_run(struct smtp_client *c, struct smtp_transaction *t, struct err *e)
{
	struct run r = {
	    .client = c, .transaction = t, .mail = SMTP_REPLY_INIT, .data = SMTP_REPLY_INIT};
	int rc;

	t->end = (struct smtp_reply)SMTP_REPLY_INIT;
	t->recipients = calloc(t->envelope->count, sizeof *t->recipients);
	if (t->recipients == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for the recipients");
	for (size_t i = 0; i < t->envelope->count; i++)
		t->recipients[i] = (struct smtp_reply)SMTP_REPLY_INIT;
	rc = declare(&r, e);
	if (rc == 0)
		rc = talk(&r, e);
	if (rc == 0)
		rc = judge(&r, e);
	if (rc == 0)
		rc = send_content(&r, e);
	smtp_reply_reset(&r.mail);
	smtp_reply_reset(&r.data);
	return rc;
}

void
smtp_transaction_free(struct smtp_transaction *t)
{
	for (size_t i = 0; t->recipients != NULL && i < t->envelope->count; i++)
		smtp_reply_reset(&t->recipients[i]);
	free(t->recipients);
	t->recipients = NULL;
	smtp_reply_reset(&t->end);
}
