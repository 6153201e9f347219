/*
 * payload: see payload.h.
 */
#include <config.h>

#include "base/i18n.h"
#include "smtp/content.h"
#include "smtp/fates.h"
#include "smtp/payload.h"

#include "base/banned.h"

/* What one handing over works with. */
struct payload {
	struct smtp_client *client;
	struct smtp_transaction *transaction;
	const struct smtp_batch *batch;
};

/*
 * The connection broke while the content was written. What the server said before it hung up is
 * worth more than that it did.
 */
static int
broken_off(struct payload *p, struct err *e)
{
	struct smtp_dialogue *d = &p->client->dialogue;
	struct smtp_reply reply = SMTP_REPLY_INIT;
	struct err ignored;

	if (e->ex != EX_IOERR && net_stream_input(d->stream).len > 0 &&
	    smtp_dialogue_read(d, SMTP_DIALOGUE_FAREWELL, &reply, &ignored) == 0 &&
	    (smtp_reply_is(&reply, 4) || smtp_reply_is(&reply, 5)))
		(void)smtp_client_refused(
		    p->client, EXPLAIN_DATA, &reply, _("the server broke off the message"), e);
	else
		(void)err_prefix(e, "while the message was sent");
	smtp_reply_reset(&reply);
	return -1;
}

/* Reads a reply to the whole content. */
static int
read_end(struct payload *p, struct err *e)
{
	struct smtp_transaction *t = p->transaction;

	if (smtp_dialogue_read(&p->client->dialogue, SMTP_DIALOGUE_END, &t->end, e) != 0) {
		t->uncertain = true;
		(void)err_prefix(e, "no reply to the whole message");
		return err_hint(
		    e, "it may have been delivered all the same: look before you send it again");
	}
	return 0;
}

static int
refused(struct payload *p, struct err *e)
{
	struct smtp_transaction *t = p->transaction;

	smtp_fates_seal_rest(t, EXPLAIN_DATA, &t->end);
	return smtp_client_refused(
	    p->client, EXPLAIN_DATA, &t->end, _("the server refuses the message"), e);
}

/* One reply, which is everybody's. */
static int
take_one(struct payload *p, struct err *e)
{
	struct smtp_transaction *t = p->transaction;

	if (read_end(p, e) != 0)
		return -1;
	if (!smtp_reply_is(&t->end, 2))
		return refused(p, e);
	smtp_fates_seal_waiting(t, EXPLAIN_DATA, &t->end);
	return 0;
}

/* A reply for each recipient that was accepted, in their order: a no is about that one alone. */
static int
take_each(struct payload *p, struct err *e)
{
	struct smtp_transaction *t = p->transaction;

	for (size_t i = 0; i < p->batch->count; i++) {
		size_t index = p->batch->recipients[i];

		if (!smtp_fates_is_waiting(t, index))
			continue;
		if (read_end(p, e) != 0)
			return -1;
		smtp_fates_seal(
		    t, index, smtp_reply_is(&t->end, 2) ? EXPLAIN_DATA : EXPLAIN_RCPT, &t->end);
	}
	return 0;
}

/*
 * The reply to the chunk that holds all, before the empty one that ends it: a no is the message's,
 * and what the server says to the end is of no interest then.
 */
static int
take_chunk(struct payload *p, bool ended, struct err *e)
{
	struct smtp_reply rest = SMTP_REPLY_INIT;
	struct smtp_dialogue *d = &p->client->dialogue;
	struct err ignored;

	if (smtp_dialogue_read(d, SMTP_DIALOGUE_END, &p->transaction->end, e) != 0)
		return err_prefix(e, "no reply to the content of the message");
	if (!smtp_reply_is(&p->transaction->end, 2)) {
		if (ended && !d->over)
			(void)smtp_dialogue_read(d, SMTP_DIALOGUE_COMMAND, &rest, &ignored);
		smtp_reply_reset(&rest);
		return refused(p, e);
	}
	if (!ended) {
		smtp_dialogue_add(d, str_slice("BDAT 0 LAST"));
		return smtp_dialogue_flush(d, SMTP_DIALOGUE_COMMAND, e);
	}
	return 0;
}

/* Does the server answer for each recipient: by LMTP, or imbucad, as t->waits asked it to? */
static bool
answers_each(const struct smtp_client *c, const struct smtp_transaction *t)
{
	return c->lmtp || (t->waits && (c->ehlo.extensions & SMTP_EHLO_XWAIT) != 0);
}

int
smtp_payload_send(struct smtp_client *c, struct smtp_transaction *t, const struct smtp_batch *batch,
    bool chunked, struct err *e)
{
	struct payload p = {c, t, batch};
	bool pipelines = (c->ehlo.extensions & SMTP_EHLO_PIPELINING) != 0;
	struct smtp_content_way way = {
	    .chunked = chunked,
	    .ended = !chunked || pipelines,
	};
	int rc;

	if (smtp_content_write(&c->dialogue, t->message, way, e) != 0)
		return broken_off(&p, e);
	if (chunked && take_chunk(&p, way.ended, e) != 0)
		return -1;
	rc = answers_each(c, t) ? take_each(&p, e) : take_one(&p, e);
	if (rc == 0)
		c->unclean = false;
	return rc;
}
