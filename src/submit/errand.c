/*
 * errand: see errand.h.
 */
#include <config.h>

#include <stdlib.h>

#include "submit/errand.h"

#include "base/banned.h"

/* Gathers those that wait. */
static int
choose(struct submit_errand *errand, struct err *e)
{
	const struct mail_envelope *all = &errand->entry.envelope.mail;
	const struct queue_history *history = &errand->entry.history;

	errand->numbers = calloc(all->count, sizeof *errand->numbers);
	if (errand->numbers == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for the recipients");
	errand->envelope.body = all->body;
	errand->envelope.ret = all->ret;
	(void)str_copy(
	    errand->envelope.envid, sizeof errand->envelope.envid, str_slice(all->envid));
	if (mail_envelope_set_sender(&errand->envelope, &all->sender, e) != 0)
		return -1;
	for (size_t i = 0; i < all->count; i++) {
		if (history->recipients[i].state != QUEUE_STATE_WAITING)
			continue;
		errand->numbers[errand->envelope.count] = i;
		if (mail_envelope_add_recipient(&errand->envelope, &all->recipients[i], e) < 0)
			return -1;
	}
	return 0;
}

/* Recipients to a transaction: half as many after each attempt that had too many of them. */
static size_t
most_of(const struct submit_errand *errand)
{
	unsigned splits = errand->entry.history.splits;
	size_t most = splits < 32 ? errand->envelope.count >> splits : 0;

	if (splits == 0)
		return 0;
	return most > 0 ? most : 1;
}

int
submit_errand_make(struct submit_errand *errand, const struct conf_account *account,
    const struct net_transcript *transcript, struct err *e)
{
	errand->send.account = account;
	errand->send.transcript = transcript;
	if (choose(errand, e) != 0)
		return -1;
	errand->message = mail_message_read(errand->entry.fd, NULL, e);
	if (errand->message == NULL)
		return -1;
	errand->send.envelope = &errand->envelope;
	errand->send.message = errand->message;
	errand->send.queued = errand->entry.id;
	errand->send.most = most_of(errand);
	/* It was queued as it is to be sent; but a Bcc that is there is read as a secret again. */
	return account->remove_bcc_headers ? 0 : mail_message_show_bcc(errand->message, e);
}

void
submit_errand_free(struct submit_errand *errand)
{
	submit_send_free(&errand->send);
	mail_message_free(errand->message);
	mail_envelope_free(&errand->envelope);
	free(errand->numbers);
	queue_entry_close(&errand->entry);
}
