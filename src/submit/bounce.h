/*
 * bounce: the report to the sender of a queued message (RFC 3464, RFC 3462): to whom it could not
 * be delivered, or not yet, why, and what to do about it; with the message's header.
 */
#ifndef SUBMIT_BOUNCE_H
#define SUBMIT_BOUNCE_H

#include "queue/entry.h"

enum submit_bounce_kind {
	SUBMIT_BOUNCE_FAILURE,	 /* will not be delivered */
	SUBMIT_BOUNCE_DELAY,	 /* not yet */
	SUBMIT_BOUNCE_RELAYED,	 /* was handed to a server that will report no further */
	SUBMIT_BOUNCE_DELIVERED, /* is in the mailbox */
};

struct submit_bounce {
	const struct queue_entry *entry;
	enum submit_bounce_kind kind;
	const bool *about; /* a recipient each: is it about that one? */
	const char *host;  /* the server that has refused; NULL: none */
	/* What the account failed of, for those that were not tried (queue/standing); NULL: not. */
	const struct queue_event *failure;
	int64_t until;	    /* of a delay: when it will be given up; 0: never */
	const char *domain; /* of this machine's names */
};

/*
 * Writes the report to FD. Its text for people is in the reader's language. With
 * MAIL_DSN_RET_FULL the report of a failure brings the whole message back, where it is not over
 * 1 MiB, was not too large, and has no line over 998 bytes that cannot be encoded. All else of the
 * report is ASCII in such lines.
 * -1 with EX_IOERR or EX_TEMPFAIL.
 */
int submit_bounce_write(const struct submit_bounce *bounce, int fd, struct err *e);

#endif
