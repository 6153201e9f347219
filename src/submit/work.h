/*
 * work: what one process of the runner (submit/flush) does: the messages of one account, over one
 * connection after the other.
 */
#ifndef SUBMIT_WORK_H
#define SUBMIT_WORK_H

#include <stdint.h>

#include "queue/listing.h"
#include "submit/flush.h"

/* What the processes of an account share, in memory that they have in common. */
struct submit_work_shared {
	size_t next;	  /* in the listing: the next message that nobody has looked at */
	bool failed;	  /* the account, in this run */
	size_t undecided; /* of its processes: those that have not yet tried to connect */
	size_t serving;	  /* those that could */
	int64_t rate_due; /* CLOCK_MONOTONIC's milliseconds: when the next may be sent */
};

/* What a process tells the runner, by its pipe. */
struct submit_work_note {
	char kind; /* 'f': a fate; 'e': an error; 's': no more can be written down */
	enum submit_flush_fate fate;
	struct err error;
};

struct submit_work {
	const struct submit_flush *flush;
	const struct queue_listing *listing;
	const struct conf_account *account;
	const char *name, *accounts; /* as the envelopes say */
	struct submit_work_shared *shared;
	int notes; /* where notes are written to */
};

/* Does the work. */
void submit_work(const struct submit_work *work);

#endif
