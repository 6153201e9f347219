/*
 * fates: see fates.h.
 */
#include <config.h>

#include <stdlib.h>

#include "smtp/fates.h"

#include "base/banned.h"

int
smtp_fates_prepare(struct smtp_transaction *t, struct err *e)
{
	size_t count = t->envelope->count;

	if (t->fates != NULL)
		return 0;
	t->end = (struct smtp_reply)SMTP_REPLY_INIT;
	t->fates = calloc(count, sizeof *t->fates);
	if (t->fates == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for the recipients");
	for (size_t i = 0; i < count; i++)
		t->fates[i].reply = (struct smtp_reply)SMTP_REPLY_INIT;
	return 0;
}

bool
smtp_fates_are_open(const struct smtp_transaction *t)
{
	for (size_t i = 0; i < t->envelope->count; i++) {
		if (smtp_transaction_is_open(t, i))
			return true;
	}
	return false;
}

bool
smtp_fates_is_waiting(const struct smtp_transaction *t, size_t index)
{
	const struct smtp_transaction_fate *fate = &t->fates[index];

	return fate->stage == EXPLAIN_RCPT && smtp_reply_is(&fate->reply, 2);
}

void
smtp_fates_seal(struct smtp_transaction *t, size_t index, enum explain_stage stage,
    const struct smtp_reply *reply)
{
	struct smtp_transaction_fate *fate = &t->fates[index];

	smtp_reply_reset(&fate->reply);
	fate->stage = stage;
	fate->reply.code = reply->code;
	fate->reply.ours = reply->ours;
	(void)str_copy(
	    fate->reply.enhanced, sizeof fate->reply.enhanced, str_slice(reply->enhanced));
	buf_add_slice(&fate->reply.text, buf_slice(&reply->text));
}

void
smtp_fates_seal_waiting(
    struct smtp_transaction *t, enum explain_stage stage, const struct smtp_reply *reply)
{
	for (size_t i = 0; i < t->envelope->count; i++) {
		if (smtp_fates_is_waiting(t, i))
			smtp_fates_seal(t, i, stage, reply);
	}
}

void
smtp_fates_seal_rest(
    struct smtp_transaction *t, enum explain_stage stage, const struct smtp_reply *reply)
{
	smtp_fates_seal_waiting(t, stage, reply);
	for (size_t i = 0; i < t->envelope->count; i++) {
		if (smtp_transaction_is_open(t, i))
			smtp_fates_seal(t, i, stage, reply);
	}
}
