/*
 * outcome: see outcome.h.
 */
#include <config.h>

#include "base/i18n.h"
#include "submit/outcome.h"

#include "base/banned.h"

enum { FATES = 4 };

enum submit_outcome_fate
submit_outcome_of(const struct submit_send *s, size_t index)
{
	const struct smtp_transaction *t = &s->transaction;
	const struct smtp_transaction_fate *fate = t->fates != NULL ? &t->fates[index] : NULL;
	struct explain_verdict verdict;

	if (fate == NULL || fate->reply.code == 0)
		return SUBMIT_OUTCOME_UNKNOWN;
	if (smtp_reply_is(&fate->reply, 2))
		return smtp_transaction_delivered(t, index) ? SUBMIT_OUTCOME_SENT
							    : SUBMIT_OUTCOME_UNKNOWN;
	verdict = smtp_reply_explain(&fate->reply, fate->stage, conf_account_provider(s->account));
	return explain_retry_helps(verdict.retry) ? SUBMIT_OUTCOME_FOR_NOW
						  : SUBMIT_OUTCOME_FOR_GOOD;
}

/* Was something said about recipient INDEX alone, and was that no yes? */
static bool
is_refused_alone(const struct submit_send *s, size_t index)
{
	const struct smtp_transaction *t = &s->transaction;

	return t->fates != NULL && t->fates[index].stage == EXPLAIN_RCPT &&
	       t->fates[index].reply.code >= 400;
}

/* Was each recipient refused, and not the message? */
static bool
is_each_refused(const struct submit_send *s)
{
	for (size_t i = 0; i < s->envelope->count; i++) {
		if (!is_refused_alone(s, i))
			return false;
	}
	return true;
}

static void
count(const struct submit_send *s, size_t counts[FATES])
{
	for (size_t i = 0; i < s->envelope->count; i++)
		counts[submit_outcome_of(s, i)]++;
}

/* Who has said it. A unix socket's server goes by that: it has no port. */
static void
prefix_server(const struct submit_send *s, struct err *e)
{
	if (s->peer.port == 0)
		(void)err_prefix(e, "%s", s->peer.address);
	else
		(void)err_prefix(e, "%s port %u", s->account->host, s->account->port);
}

int
submit_outcome_judge(const struct submit_send *s, int rc, struct err *e)
{
	size_t counts[FATES] = {0}, sent, now, all = s->envelope->count;

	count(s, counts);
	sent = counts[SUBMIT_OUTCOME_SENT];
	now = counts[SUBMIT_OUTCOME_FOR_NOW];
	if (rc == 0 && sent == all)
		return 0;
	if (rc == 0 || (all > 1 && is_each_refused(s)))
		return err_set(e, now > 0 ? EX_TEMPFAIL : EX_NOUSER,
		    "the message went to %zu of %zu recipients; %zu refused for good, %zu for now",
		    sent, all, counts[SUBMIT_OUTCOME_FOR_GOOD], now);
	if (now > 0)
		e->ex = EX_TEMPFAIL;
	/* Without a connection the server has no part in it; a message that changed is our own. */
	if (s->peer.address[0] != '\0' && e->ex != EX_IOERR)
		prefix_server(s, e);
	if (sent > 0)
		(void)err_prefix(e, "the message went to %zu of %zu recipients only", sent, all);
	return -1;
}

void
submit_outcome_print(const struct submit_send *s, struct buf *out)
{
	static const char *const words[FATES] = {
	    [SUBMIT_OUTCOME_FOR_NOW] = N_("refused for now"),
	    [SUBMIT_OUTCOME_FOR_GOOD] = N_("refused for good"),
	};

	for (size_t i = 0; s->envelope->count > 1 && i < s->envelope->count; i++) {
		struct buf address = BUF_INIT(4096);

		if (!is_refused_alone(s, i))
			continue;
		mail_address_write(&address, &s->envelope->recipients[i].address);
		buf_add_escaped(out, buf_slice(&address));
		buf_addf(out, ": %s: ", i18n_text(words[submit_outcome_of(s, i)]));
		smtp_reply_print(&s->transaction.fates[i].reply, out);
		buf_addc(out, '\n');
		buf_free(&address);
	}
}
