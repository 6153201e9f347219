/*
 * journal: what happened to a message, a line an event, in ID.log; appended to, and written anew
 * without what no longer counts once it is long.
 *
 *   9b1f0c2e 2026-11-25T09:23:01Z deferred 0-3 - rcpt 450 4.2.0 come back later
 *   04c6e9d1 2026-11-25T09:23:01Z next - 2026-11-25T09:24:03Z backoff 0 - the server was busy
 *
 * Checksum (CRC-32C of what follows it, without the line's end), time, event, recipients, moment,
 * word, reply code, enhanced code, text; `-` where an event has none. A line whose checksum is
 * wrong, as one that was torn by a crash, counts for nothing.
 */
#ifndef QUEUE_JOURNAL_H
#define QUEUE_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "queue/id.h"

enum {
	QUEUE_JOURNAL_NAME_SIZE = QUEUE_ID_SIZE + 4,
	QUEUE_JOURNAL_WORD_SIZE = 16,
	QUEUE_JOURNAL_TEXT_MAX = 2048,	   /* bytes of a text; what is longer is cut */
	QUEUE_JOURNAL_LINE_MAX = 16 << 10, /* bytes of a line */
	QUEUE_JOURNAL_LONG = 16 << 20,	   /* of all lines: it is written anew */
	QUEUE_JOURNAL_MAXIMUM = 64 << 20,  /* and a message with more cannot be used */
};

enum queue_event_kind {
	QUEUE_EVENT_SENT,     /* the next server has the message for these recipients */
	QUEUE_EVENT_DEFERRED, /* refused for now */
	QUEUE_EVENT_REFUSED,  /* refused for good */
	/* From here on of the message, or added to what else is known of recipients. */
	QUEUE_EVENT_NEXT,  /* an attempt has ended; WORD and MOMENT: when the next one is due */
	QUEUE_EVENT_RETRY, /* a person wants it tried at MOMENT */
	QUEUE_EVENT_TOLD,  /* the sender was told of these recipients' WORD */
	QUEUE_EVENTS,
};

struct queue_event {
	enum queue_event_kind kind;
	int64_t time;	    /* seconds since the epoch */
	size_t first, last; /* recipients, by number in the envelope; first > last: none */
	int64_t moment;	    /* 0: none. Of a refusal: when its time was up, and no server's word */
	char word[QUEUE_JOURNAL_WORD_SIZE]; /* letters; "": none. Of a reply: its stage */
	int code;			    /* 0: none */
	char enhanced[12];		    /* "": none */
	struct slice text; /* raw; of an event that was read: escaped as queue/text says */
};

/* The name of the journal of the message ID. */
void queue_journal_name(char out[QUEUE_JOURNAL_NAME_SIZE], const char *id);

/* Appends the line of EVENT. */
void queue_journal_write(struct buf *out, const struct queue_event *event);

/* Appends what EVENT, as it was read, says of a reply: "450 4.2.0 come back", on one line, escaped.
 */
void queue_journal_print(struct buf *out, const struct queue_event *event);

/* Reads LINE, without its end. False where it is no line of a journal, or a torn one. */
bool queue_journal_read(struct slice line, struct queue_event *event);

#endif
