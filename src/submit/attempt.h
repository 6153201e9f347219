/*
 * attempt: what an attempt to send a message came to, as the queue remembers it.
 */
#ifndef SUBMIT_ATTEMPT_H
#define SUBMIT_ATTEMPT_H

#include "queue/journal.h"
#include "submit/send.h"

/* The word of QUEUE_EVENT_SENT where the server will tell the sender nothing further (RFC 3461). */
#define SUBMIT_ATTEMPT_RELAYED "relayed"

/* The same where the recipient's mailbox is reached, and nobody else tells the sender so. */
#define SUBMIT_ATTEMPT_DELIVERED "delivered"

struct submit_attempt {
	struct queue_event *events; /* COUNT of them, in the order of the recipients, and how it
				       ended; texts point into the send and the error */
	size_t count;
	enum queue_event_kind *kinds;  /* of each recipient of the envelope that was sent */
	size_t sent, waiting, refused; /* recipients */
	enum explain_retry retry;      /* the soonest of those that wait */
	bool account; /* it is not about this message: the account's others will fare likewise */
};

/*
 * Makes OUT of what submit_send_run has come to: RC and E. NUMBERS says which recipient of the
 * queue's envelope each of the envelope that was sent is (NULL: the same). BEFORE is the word of
 * the attempt before this, "" without, ATTEMPTS how many there were. An error leaves nothing to
 * free.
 */
int submit_attempt_make(struct submit_attempt *out, const struct submit_send *send, int rc,
    const struct err *e, const size_t *numbers, unsigned attempts, const char *before,
    struct err *failure);

void submit_attempt_free(struct submit_attempt *attempt);

#endif
