/*
 * batch: the recipients that go with one MAIL, out of those whose fate is open: as many as the
 * server allows (RFC 9422, and what it was seen to take), and no more than the caller wants.
 */
#ifndef SMTP_BATCH_H
#define SMTP_BATCH_H

#include "smtp/transaction.h"

struct smtp_batch {
	size_t *recipients; /* COUNT of them, by their numbers in the envelope */
	size_t count;
	size_t most;	     /* recipients that a batch may have; 0: any number */
	size_t most_domains; /* different domains among them; 0: any number */
	size_t *domains;     /* a recipient of each */
	size_t domain_count;
};

/* An empty batch for T over C. EX_TEMPFAIL without memory; smtp_batch_free frees it in any case. */
int smtp_batch_init(struct smtp_batch *batch, const struct smtp_client *c,
    const struct smtp_transaction *t, struct err *e);

/* Chooses the next. It is empty only where no fate is open. */
void smtp_batch_choose(struct smtp_batch *batch, const struct smtp_transaction *t);

void smtp_batch_free(struct smtp_batch *batch);

#endif
