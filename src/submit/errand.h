/*
 * errand: a queued message on its way: its file is read, and those are gathered who wait for it.
 */
#ifndef SUBMIT_ERRAND_H
#define SUBMIT_ERRAND_H

#include "queue/entry.h"
#include "submit/send.h"

struct submit_errand {
	struct queue_entry entry;
	struct mail_envelope envelope; /* those that wait for it */
	size_t *numbers;	       /* of each of them in the queue's envelope */
	struct mail_message *message;
	struct submit_send send;
};

/*
 * Makes ERRAND, whose entry is open, locked and checked and the rest zeros, one that is sent by
 * ACCOUNT, which like TRANSCRIPT lives longer. -1 where the message cannot be read, or there is no
 * memory. The caller frees it, after -1 as well.
 */
int submit_errand_make(struct submit_errand *errand, const struct conf_account *account,
    const struct net_transcript *transcript, struct err *e);

/* Frees all, and closes the entry. */
void submit_errand_free(struct submit_errand *errand);

#endif
