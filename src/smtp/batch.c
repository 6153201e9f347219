/*
 * batch: see batch.h.
 */
#include <config.h>

#include <stdlib.h>
#include <strings.h>

#include "smtp/batch.h"

#include "base/banned.h"

/* The lower of two limits, of which 0 is none. */
static size_t
lower(size_t a, size_t b)
{
	return a == 0 || (b > 0 && b < a) ? b : a;
}

int
smtp_batch_init(struct smtp_batch *batch, const struct smtp_client *c,
    const struct smtp_transaction *t, struct err *e)
{
	const struct smtp_ehlo_limits *limits = &c->ehlo.limits;
	size_t count = t->envelope->count;

	*batch = (struct smtp_batch){
	    .recipients = calloc(count, sizeof *batch->recipients),
	    .domains = calloc(count, sizeof *batch->domains),
	    .most = lower(limits->recipients, t->most),
	    .most_domains = limits->domains,
	};
	if (batch->recipients == NULL || batch->domains == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for the recipients");
	return 0;
}

/* Notes the domain of recipient NUMBER. False where it would be one too many. */
static bool
note_domain(struct smtp_batch *batch, const struct smtp_transaction *t, size_t number)
{
	const struct mail_envelope_recipient *all = t->envelope->recipients;

	for (size_t i = 0; i < batch->domain_count; i++) {
		if (strcasecmp(all[batch->domains[i]].address.domain, all[number].address.domain) ==
		    0)
			return true;
	}
	if (batch->domain_count == batch->most_domains)
		return false;
	batch->domains[batch->domain_count++] = number;
	return true;
}

void
smtp_batch_choose(struct smtp_batch *batch, const struct smtp_transaction *t)
{
	batch->count = batch->domain_count = 0;
	for (size_t i = 0; i < t->envelope->count; i++) {
		if (batch->most > 0 && batch->count == batch->most)
			break;
		if (smtp_transaction_is_open(t, i) &&
		    (batch->most_domains == 0 || note_domain(batch, t, i)))
			batch->recipients[batch->count++] = i;
	}
}

void
smtp_batch_free(struct smtp_batch *batch)
{
	free(batch->recipients);
	free(batch->domains);
}
