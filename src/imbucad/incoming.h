/*
 * incoming: a message that reception has handed over, as the spool reads it out of the request and
 * off the file: its envelope, what its header says of its way, and the lines that are put on top.
 */
#ifndef IMBUCAD_INCOMING_H
#define IMBUCAD_INCOMING_H

#include <stdint.h>

#include "imbucad/origin.h"
#include "mail/envelope.h"

enum { IMBUCAD_INCOMING_ID_SIZE = 13 };

struct imbucad_incoming {
	struct imbucad_origin origin; /* its texts lie in the request */
	const char *sender;	      /* as written; lies in the request */
	bool each;		      /* recipient has an answer of its own */
	bool waits;		      /* for what the provider says of it */
	struct mail_envelope envelope;
	char **written; /* each recipient as it was written, in the envelope's order */
	size_t *order;	/* of each that was named, twice too, the number in the envelope */
	size_t count;	/* of those */
	uint64_t size;	/* bytes */
	int fd;		/* the message and nothing else; the request's */
	char id[IMBUCAD_INCOMING_ID_SIZE];
	unsigned hops;	   /* Received fields it came with */
	struct buf header; /* its first bytes, the header among them */
};

/* Reads the request IN, whose first number is taken, with the file FD. -1 with EX_TEMPFAIL for what
 * is none. The caller frees OUT in any case. */
int imbucad_incoming_read(
    struct imbucad_wire *in, int fd, struct imbucad_incoming *out, struct err *e);

/* Has it been delivered to ADDRESS before: does it say so itself? */
bool imbucad_incoming_was_at(const struct imbucad_incoming *m, const char *address);

/* Where it was delivered to last, as it says itself; "" where it does not. */
struct slice imbucad_incoming_delivered_to(const struct imbucad_incoming *m);

/*
 * Appends the field Received (RFC 5321 4.4) for a message taken by HOSTNAME. The recipient is named
 * only where there is one: others are nobody's business.
 */
void imbucad_incoming_received(
    const struct imbucad_incoming *m, const char *hostname, struct buf *out);

/* Does the content begin with text, and no header? A field before it would make a header of it. */
bool imbucad_incoming_is_bare(const struct imbucad_incoming *m);

void imbucad_incoming_free(struct imbucad_incoming *m);

#endif
