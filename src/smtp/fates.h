/*
 * fates: what becomes of a transaction's recipients as the replies come: open, then waiting for the
 * message where their RCPT was accepted, then sealed. For the files that make up a transaction.
 */
#ifndef SMTP_FATES_H
#define SMTP_FATES_H

#include "smtp/transaction.h"

/* Gives T open fates, unless it has some from an earlier run. EX_TEMPFAIL without memory. */
int smtp_fates_prepare(struct smtp_transaction *t, struct err *e);

/* Is anybody's open? */
bool smtp_fates_are_open(const struct smtp_transaction *t);

/* Was recipient INDEX accepted, and the message for him neither taken nor refused yet? */
bool smtp_fates_is_waiting(const struct smtp_transaction *t, size_t index);

/* REPLY to STAGE is the fate of recipient INDEX; of all that wait; of those and all open ones. */
void smtp_fates_seal(struct smtp_transaction *t, size_t index, enum explain_stage stage,
    const struct smtp_reply *reply);
void smtp_fates_seal_waiting(
    struct smtp_transaction *t, enum explain_stage stage, const struct smtp_reply *reply);
void smtp_fates_seal_rest(
    struct smtp_transaction *t, enum explain_stage stage, const struct smtp_reply *reply);

#endif
