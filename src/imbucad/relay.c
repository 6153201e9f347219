/*
 * relay: see relay.h.
 */
#include <config.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deliver/failure.h"
#include "imbucad/account.h"
#include "imbucad/call.h"
#include "imbucad/journal.h"
#include "imbucad/relay.h"
#include "imbucad/wire.h"
#include "mail/message.h"
#include "smtp/refusal.h"
#include "submit/outcome.h"
#include "submit/send.h"

#include "base/banned.h"

enum { THREADS = 4 /* connections to the provider */ };

/* --- the request --- */

static void
put_address(struct buf *out, const struct mail_address *address)
{
	struct buf text = BUF_INIT(MAIL_ADDRESS_MAX + 2);

	if (mail_address_is_null(address))
		buf_adds(&text, "<>");
	else
		mail_address_write(&text, address);
	imbucad_wire_put_slice(out, buf_slice(&text));
	buf_free(&text);
}

void
imbucad_relay_put(struct buf *out, const struct mail_envelope *envelope, const char *received)
{
	put_address(out, &envelope->sender);
	imbucad_wire_put_text(out, envelope->envid);
	imbucad_wire_put_number(out, envelope->ret);
	imbucad_wire_put_number(out, envelope->body);
	imbucad_wire_put_text(out, received);
	imbucad_wire_put_number(out, envelope->count);
	for (size_t i = 0; i < envelope->count; i++) {
		put_address(out, &envelope->recipients[i].address);
		imbucad_wire_put_number(out, envelope->recipients[i].notify);
		imbucad_wire_put_text(out, envelope->recipients[i].orcpt);
	}
}

static int
take_recipient(struct imbucad_wire *in, struct mail_envelope *out, struct err *e)
{
	struct mail_envelope_recipient r = {.notify = 0};
	struct slice text = imbucad_wire_slice(in), orcpt;
	int status;

	r.notify = (unsigned)imbucad_wire_number(in);
	orcpt = imbucad_wire_slice(in);
	if (orcpt.len > 0 && (r.orcpt = strndup(orcpt.ptr, orcpt.len)) == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for a recipient");
	status = mail_address_parse(&r.address, text, e);
	if (status == 0 && mail_envelope_add_recipient(out, &r, e) < 0)
		status = -1;
	mail_address_free(&r.address);
	free(r.orcpt);
	return status;
}

static int
take_envelope(
    struct imbucad_wire *in, struct mail_envelope *out, const char **received, struct err *e)
{
	struct mail_address sender;
	uint64_t count;
	int status = mail_address_parse(&sender, imbucad_wire_slice(in), e);

	if (status == 0) {
		status = mail_envelope_set_sender(out, &sender, e);
		mail_address_free(&sender);
	}
	(void)str_copy(out->envid, sizeof out->envid, imbucad_wire_slice(in));
	out->ret = (enum mail_dsn_ret)imbucad_wire_number(in);
	out->body = (enum mail_envelope_body)imbucad_wire_number(in);
	*received = imbucad_wire_text(in);
	count = imbucad_wire_number(in);
	for (uint64_t i = 0; status == 0 && !in->bad && i < count; i++)
		status = take_recipient(in, out, e);
	if (status == 0 && (in->bad || out->count == 0))
		return err_set(e, EX_TEMPFAIL, "the spool asked for something that makes no sense");
	return status;
}

/* --- the answer --- */

/* A failure that is nobody's but this machine's or the network's: it waits until it is mended. */
static void
blame(struct err *e)
{
	(void)deliver_failure_reply(
	    e, e->ex == EX_DATAERR ? 554 : 451, e->ex == EX_DATAERR ? "5.6.0" : "4.4.0");
	if (e->code >= 500)
		e->ex = EX_PROTOCOL;
}

/* What the client hears of recipient INDEX, after sending came to STATUS and FAILED. */
static void
put_fate(const struct submit_send *send, size_t index, const struct err *failed, struct buf *answer)
{
	static const struct {
		int code;
		const char *enhanced;
	} refusals[] = {
	    [SUBMIT_OUTCOME_FOR_NOW] = {451, "4.3.0"}, [SUBMIT_OUTCOME_FOR_GOOD] = {554, "5.3.0"}};
	enum submit_outcome_fate fate = submit_outcome_of(send, index);
	const struct smtp_reply *reply = &send->transaction.fates[index].reply;
	struct buf text = BUF_INIT(SMTP_REPLY_TEXT_MAX);
	struct err e = ERR_INIT;

	if (fate == SUBMIT_OUTCOME_UNKNOWN) {
		e = *failed;
		if (e.ex == 0)
			(void)err_set(&e, EX_TEMPFAIL, "the provider said nothing");
		blame(&e);
	} else if (fate != SUBMIT_OUTCOME_SENT) {
		smtp_reply_print(reply, &text);
		if (reply->ours)
			(void)smtp_refusal(&e, reply->code, reply->enhanced, "%s", buf_text(&text));
		else
			(void)smtp_refusal(&e, refusals[fate].code, refusals[fate].enhanced,
			    "The provider refused it: %s", buf_text(&text));
	}
	imbucad_wire_put_share(answer, &e, send->envelope->count - index - 1);
	buf_free(&text);
}

static int
bring(const struct imbucad_relay_params *r, struct imbucad_wire *in, int fd, struct buf *answer,
    struct err *e)
{
	const struct net_transcript silent = {.fd = -1};
	struct submit_send send = {.account = r->account, .transcript = &silent};
	struct mail_envelope envelope = {.recipients = NULL};
	const char *received;
	int status = take_envelope(in, &envelope, &received, e);
	struct mail_message *message = NULL;

	if (status == 0 && r->account == NULL)
		*e = *r->why;
	else if (status == 0 && lseek(fd, 0, SEEK_SET) == 0)
		message = mail_message_read(fd, NULL, e);
	if (message != NULL &&
	    imbucad_account_adapt(r->conf, r->account, message, &envelope, e) == 0 &&
	    mail_message_prepend(message, "Received", str_slice(received), e) == 0) {
		send.envelope = &envelope;
		send.message = message;
		status = submit_send_run(&send, e);
		if (send.unkept.ex != 0)
			imbucad_journal_error(r->conf, NULL, &send.unkept);
		imbucad_wire_put_number(answer, envelope.count);
		for (size_t i = 0; send.transaction.fates != NULL && i < envelope.count; i++)
			put_fate(&send, i, e, answer);
		if (send.transaction.fates != NULL)
			status = 0;
	} else {
		status = -1;
	}
	submit_send_free(&send);
	mail_message_free(message);
	mail_envelope_free(&envelope);
	return status;
}

static void
handle(void *context, struct imbucad_call *call, struct buf *answer, int *fd)
{
	struct imbucad_wire in = {buf_slice(&call->request), false};
	struct err e = ERR_INIT;

	(void)fd;
	if (bring(context, &in, call->fd, answer, &e) == 0)
		return;
	blame(&e);
	buf_reset(answer);
	imbucad_wire_put_number(answer, 0);
	imbucad_wire_put_err(answer, &e);
}

static void __attribute__((noreturn)) end(int number)
{
	(void)number;
	_exit(EX_CONFIG);
}

void
imbucad_relay_run(const struct imbucad_relay_params *params)
{
	struct imbucad_relay_params own = *params;

	if (own.account == NULL) {
		(void)signal(SIGALRM, end);
		(void)alarm(IMBUCAD_ACCOUNT_PATIENCE);
	}
	imbucad_call_serve(own.service, THREADS, handle, &own);
}
