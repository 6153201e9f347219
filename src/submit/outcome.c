/*
 * outcome: see outcome.h.
 */
#include <config.h>

#include "submit/outcome.h"

#include "base/banned.h"

enum { FATES = 4 };

enum submit_outcome_fate
submit_outcome_of(const struct submit_send *s, size_t index)
{
	const struct smtp_transaction *t = &s->transaction;
	const struct smtp_reply *reply = t->recipients != NULL ? &t->recipients[index] : NULL;

	if (reply == NULL || reply->code == 0)
		return SUBMIT_OUTCOME_UNKNOWN;
	if (smtp_reply_is(reply, 2))
		return smtp_reply_is(&t->end, 2) ? SUBMIT_OUTCOME_SENT : SUBMIT_OUTCOME_UNKNOWN;
	return explain_reply(EXPLAIN_RCPT, reply->code, reply->enhanced).ex == EX_TEMPFAIL
		   ? SUBMIT_OUTCOME_FOR_NOW
		   : SUBMIT_OUTCOME_FOR_GOOD;
}

static void
count(const struct submit_send *s, size_t counts[FATES])
{
	for (size_t i = 0; i < s->envelope->count; i++)
		counts[submit_outcome_of(s, i)]++;
}

int
submit_outcome_judge(const struct submit_send *s, int rc, struct err *e)
{
	size_t counts[FATES] = {0}, now, good, all = s->envelope->count;

	count(s, counts);
	now = counts[SUBMIT_OUTCOME_FOR_NOW];
	good = counts[SUBMIT_OUTCOME_FOR_GOOD];
	if (rc == 0 && counts[SUBMIT_OUTCOME_SENT] == all)
		return 0;
	if (rc == 0 || (all > 1 && now + good == all))
		return err_set(e, now > 0 ? EX_TEMPFAIL : EX_NOUSER,
		    "the message went to %zu of %zu recipients; %zu refused for good, %zu for now",
		    counts[SUBMIT_OUTCOME_SENT], all, good, now);
	if (now > 0)
		e->ex = EX_TEMPFAIL;
	/* Without a connection the server has no part in it; a message that changed is our own. */
	if (s->peer.address[0] == '\0' || e->ex == EX_IOERR)
		return -1;
	return err_prefix(e, "%s port %u", s->account->host, s->account->port);
}

void
submit_outcome_print(const struct submit_send *s, struct buf *out)
{
	static const char *const words[FATES] = {
	    [SUBMIT_OUTCOME_FOR_NOW] = "refused for now",
	    [SUBMIT_OUTCOME_FOR_GOOD] = "refused for good",
	};

	for (size_t i = 0; s->envelope->count > 1 && i < s->envelope->count; i++) {
		enum submit_outcome_fate fate = submit_outcome_of(s, i);
		struct buf address = BUF_INIT(4096);

		if (words[fate] == NULL)
			continue;
		mail_address_write(&address, &s->envelope->recipients[i].address);
		buf_add_escaped(out, buf_slice(&address));
		buf_addf(out, ": %s: ", words[fate]);
		smtp_reply_print(&s->transaction.recipients[i], out);
		buf_addc(out, '\n');
		buf_free(&address);
	}
}
