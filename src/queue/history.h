/*
 * history: what a message's journal comes to: the state of each recipient, and of the message.
 */
#ifndef QUEUE_HISTORY_H
#define QUEUE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "queue/journal.h"

enum queue_state {
	QUEUE_STATE_WAITING, /* to be tried, perhaps again */
	QUEUE_STATE_SENT,
	QUEUE_STATE_REFUSED, /* for good */
};

/* What the sender was told of a recipient, as bits; the words in the journal. */
enum {
	QUEUE_TOLD_FAILURE = 1 << 0, /* "failure": it is returned */
	QUEUE_TOLD_DELAY = 1 << 1,   /* "delay" */
	QUEUE_TOLD_FIX = 1 << 2,     /* "fix": somebody has to mend something */
	QUEUE_TOLD_SUCCESS = 1 << 3, /* "success": the next server has it and will tell no more */
};

struct queue_recipient {
	enum queue_state state;
	unsigned told;
	struct queue_event last; /* the last event about it, with the reply; time 0: none */
};

/* The texts of events point into `journal`. */
struct queue_history {
	struct queue_recipient *recipients; /* COUNT of them, as in the envelope */
	size_t count;
	unsigned attempts;
	unsigned splits;	/* of them ended with the word "split" */
	int64_t next;		/* when the next attempt is due; 0: at once */
	struct queue_event end; /* how the last attempt ended; time 0: there was none */
	size_t torn;		/* lines that count for nothing */
	struct buf journal;
};

/*
 * Makes OUT of JOURNAL (NULL or the bytes of ID.log), which it takes over, for COUNT recipients.
 * EX_TEMPFAIL without memory; OUT then has nothing to free.
 */
int queue_history_make(struct queue_history *out, struct buf *journal, size_t count, struct err *e);

/* How many recipients are in STATE. */
size_t queue_history_count(const struct queue_history *history, enum queue_state state);

/*
 * Appends to OUT the lines of the journal from which a history is made that says the same: all but
 * those whose place later ones have taken, and those that count for nothing.
 */
void queue_history_shorten(const struct queue_history *history, struct buf *out);

/* The word of one of the bits above, for a journal; "" for another number. */
const char *queue_history_told_word(unsigned bit);

void queue_history_free(struct queue_history *history);

#endif
