/*
 * transaction: see transaction.h.
 */
#include <config.h>

#include <stdlib.h>

#include "base/i18n.h"
#include "smtp/batch.h"
#include "smtp/declare.h"
#include "smtp/fates.h"
#include "smtp/group.h"
#include "smtp/payload.h"
#include "smtp/transaction.h"

#include "base/banned.h"

/* The transaction on its way: one MAIL after the other, each for some of the recipients. */
struct smtp_transaction_run {
	struct smtp_client *client;
	struct smtp_transaction *transaction;
	struct smtp_params params;
	struct smtp_batch batch; /* the recipients of this MAIL */
	struct smtp_group group; /* its commands; zeros before they are chosen */
};

bool
smtp_transaction_is_open(const struct smtp_transaction *t, size_t index)
{
	return t->fates[index].reply.code == 0;
}

bool
smtp_transaction_delivered(const struct smtp_transaction *t, size_t index)
{
	const struct smtp_transaction_fate *fate = t->fates != NULL ? &t->fates[index] : NULL;

	return fate != NULL && fate->stage == EXPLAIN_DATA && smtp_reply_is(&fate->reply, 2);
}

void
smtp_transaction_reopen(struct smtp_transaction *t)
{
	for (size_t i = 0; i < t->envelope->count; i++) {
		if (t->fates[i].stage == EXPLAIN_MAIL)
			smtp_reply_reset(&t->fates[i].reply);
	}
}

static bool
offers(const struct smtp_client *c, unsigned extension)
{
	return (c->ehlo.extensions & extension) != 0;
}

/* Chooses the next recipients and their commands. */
static void
choose(struct smtp_transaction_run *r)
{
	smtp_batch_choose(&r->batch, r->transaction);
	r->group = (struct smtp_group){
	    .client = r->client,
	    .transaction = r->transaction,
	    .recipients = r->batch.recipients,
	    .count = r->batch.count,
	    .params = r->params,
	    .chunked = r->transaction->chunking && offers(r->client, SMTP_EHLO_CHUNKING),
	};
}

/* What was said to the RCPTs of this MAIL counts for nothing. */
static void
forget_recipients(struct smtp_transaction_run *r)
{
	for (size_t i = 0; i < r->batch.count; i++)
		smtp_reply_reset(&r->transaction->fates[r->batch.recipients[i]].reply);
}

/* --- what goes ahead --- */

static void
end_run(struct smtp_transaction_run *r)
{
	if (r == NULL)
		return;
	smtp_batch_free(&r->batch);
	smtp_group_free(&r->group);
	free(r);
}

/* T over C. NULL where that cannot be. */
static struct smtp_transaction_run *
begin_run(struct smtp_client *c, struct smtp_transaction *t, struct err *e)
{
	struct smtp_transaction_run *r = calloc(1, sizeof *r);

	if (r == NULL) {
		(void)err_set(e, EX_TEMPFAIL, "no memory for the recipients");
		return NULL;
	}
	*r = (struct smtp_transaction_run){.client = c, .transaction = t};
	if (smtp_fates_prepare(t, e) != 0 || smtp_declare_check(c, t, e) != 0 ||
	    smtp_batch_init(&r->batch, c, t, e) != 0) {
		end_run(r);
		return NULL;
	}
	smtp_declare_params(c, t, &r->params);
	return r;
}

/*
 * Adds the first commands of NEXT to what goes out with the end of the content before. What cannot
 * be said of it, it will be told in its own time.
 */
static void
put_ahead(struct smtp_client *c, struct smtp_transaction *next)
{
	struct err ignored;
	struct smtp_transaction_run *r = begin_run(c, next, &ignored);

	if (r == NULL)
		return;
	choose(r);
	if (r->batch.count == 0 || smtp_group_put(&r->group, &ignored) != 0) {
		forget_recipients(r);
		end_run(r);
		return;
	}
	c->ahead = next;
	next->ahead = r;
}

/* Adds what goes out with the end of the content: QUIT, or the beginning of what follows. */
static void
add_behind(const struct smtp_transaction_run *r)
{
	struct smtp_client *c = r->client;
	const struct smtp_transaction *t = r->transaction;
	bool more = smtp_fates_are_open(t);

	if (!offers(c, SMTP_EHLO_PIPELINING))
		return;
	if (smtp_client_is_spent(c) || (t->last && !more)) {
		smtp_dialogue_add(&c->dialogue, str_slice("QUIT"));
		c->said_quit = true;
	} else if (t->next != NULL && !more && !r->group.chunked) {
		put_ahead(c, t->next);
	}
}

/* --- one MAIL --- */

/* A lone dot after a 354 that came though nobody is to get the message. */
static void
send_nothing(struct smtp_transaction_run *r)
{
	struct smtp_reply reply = SMTP_REPLY_INIT;
	struct err ignored;

	(void)smtp_dialogue_ask(&r->client->dialogue, ".", SMTP_DIALOGUE_END, &reply, &ignored);
	smtp_reply_reset(&reply);
}

/* MAIL was refused. What the server said to the RCPTs behind it counts for nothing. */
static int
sender_refused(struct smtp_transaction_run *r, struct err *e)
{
	const struct smtp_reply *reply = &r->group.mail;

	forget_recipients(r);
	smtp_fates_seal_rest(r->transaction, EXPLAIN_MAIL, reply);
	return smtp_client_refused_address(r->client, EXPLAIN_MAIL, reply,
	    _("the server refuses the sender"), &r->transaction->envelope->sender, e);
}

/* What the replies to the commands come to, and the content where it may go. */
static int
go_on(struct smtp_transaction_run *r, struct err *e)
{
	const struct smtp_group *g = &r->group;

	if (g->left_over > 0)
		r->batch.most = g->accepted;
	if (smtp_reply_is(&g->mail, 2) && g->accepted > 0 && (g->chunked || g->data.code == 354)) {
		add_behind(r);
		return smtp_payload_send(r->client, r->transaction, &r->batch, g->chunked, e);
	}
	if (g->data.code == 354)
		send_nothing(r);
	if (!smtp_reply_is(&g->mail, 2))
		return sender_refused(r, e);
	if (g->accepted == 0)
		return 0;
	smtp_fates_seal_rest(r->transaction, EXPLAIN_DATA, &g->data);
	return smtp_client_refused(
	    r->client, EXPLAIN_DATA, &g->data, _("the server refuses to take the message"), e);
}

/*
 * Commands that went out behind the end of a content that was then refused: a server that ends a
 * transaction only at RSET has taken them for a part of that one. Then they are said again, or,
 * where it waits for content, all begins again.
 */
static int
talk_again(struct smtp_transaction_run *r, struct err *e)
{
	bool waits = r->group.data.code == 354;

	forget_recipients(r);
	smtp_group_free(&r->group);
	r->client->dialogue.over = waits;
	if (waits)
		return 1;
	choose(r);
	return smtp_group_talk(&r->group, e);
}

/* One MAIL, whose commands were chosen. */
static int
mail_once(struct smtp_transaction_run *r, struct err *e)
{
	bool doubtful = r->group.sent > 0 && r->client->unclean;
	int rc = smtp_group_talk(&r->group, e);

	if (rc == 0 && doubtful && !smtp_reply_is(&r->group.mail, 2))
		rc = talk_again(r, e);
	if (rc == 0 && r->group.logs_in)
		rc = smtp_client_logged_in(r->client, &r->group.opening, e);
	if (rc == 0)
		rc = go_on(r, e);
	smtp_group_free(&r->group);
	r->group.sent = 0;
	return rc;
}

/* --- all of them --- */

/* All have a fate: is it anybody's that the message was taken? */
static int
conclude(const struct smtp_client *c, const struct smtp_transaction *t, struct err *e)
{
	for (size_t i = 0; i < t->envelope->count; i++) {
		if (smtp_transaction_delivered(t, i))
			return 0;
	}
	return smtp_client_refused_address(c, EXPLAIN_RCPT, &t->fates[0].reply,
	    _("the server refuses the recipient"), &t->envelope->recipients[0].address, e);
}

/* What was said of T with the end of the message before it; NULL where that is nothing. */
static struct smtp_transaction_run *
take_ahead(struct smtp_client *c, struct smtp_transaction *t)
{
	struct smtp_transaction_run *r = t->ahead;

	t->ahead = NULL;
	if (c->ahead == t) {
		c->ahead = NULL;
		return r;
	}
	if (r != NULL) /* it was said over a connection that is no more */
		forget_recipients(r);
	end_run(r);
	return NULL;
}

static int
mail_all(struct smtp_transaction_run *r, struct err *e)
{
	int rc = 0;

	while (rc == 0 && smtp_fates_are_open(r->transaction)) {
		if (r->group.sent == 0 && smtp_client_is_spent(r->client))
			return 1;
		if (r->group.sent == 0)
			choose(r);
		rc = mail_once(r, e);
	}
	return rc;
}

int
smtp_transaction_run(struct smtp_client *c, struct smtp_transaction *t, struct err *e)
{
	struct smtp_transaction_run *r;
	int rc;

	if (c->ahead != NULL && c->ahead != t) {
		c->dialogue.over = true;
		return 1;
	}
	r = take_ahead(c, t);
	if (r == NULL)
		r = begin_run(c, t, e);
	if (r == NULL)
		return -1;
	if (smtp_declare_is_in_vain(c, t))
		net_transcript_remark(
		    c->dialogue.transcript, "the server offers no DSN: no report is asked for");
	rc = mail_all(r, e);
	end_run(r);
	return rc == 0 ? conclude(c, t, e) : rc;
}

void
smtp_transaction_free(struct smtp_transaction *t)
{
	end_run(t->ahead);
	t->ahead = NULL;
	for (size_t i = 0; t->fates != NULL && i < t->envelope->count; i++)
		smtp_reply_reset(&t->fates[i].reply);
	free(t->fates);
	t->fates = NULL;
	smtp_reply_reset(&t->end);
}
