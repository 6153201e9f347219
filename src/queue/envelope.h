/*
 * envelope: how a message stands in its file: a head of lines `key: value`, an empty line, and the
 * content as it came.
 *
 *   imbuca-queue 1 checksum 1c291ca3 size 000000004711
 *   time: 2026-11-25T09:23:01Z
 *   uid: 1000
 *   account: work
 *   sender: me@example.org
 *   recipient: you@example.net
 *
 * Checksum (CRC-32C) and size are of all that follows the first line: a file that lost power on its
 * way to the disk does not pass for a message. Values are escaped as queue/text says. A key that
 * says nothing is left out; those that say more of a recipient follow it.
 */
#ifndef QUEUE_ENVELOPE_H
#define QUEUE_ENVELOPE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "mail/envelope.h"

enum {
	QUEUE_ENVELOPE_FIRST = 51, /* bytes of the first line, its end included */
	QUEUE_ENVELOPE_HEAD_MAX = 64 << 20,
};

/* A message but for its content. Texts are owned. */
struct queue_envelope {
	struct mail_envelope mail; /* with a sender and at least one recipient */
	char *account;		   /* whose server is to have it; never NULL */
	char *accounts;		   /* the file that has the account; NULL: the usual one */
	int64_t time;		   /* seconds since the epoch: when it was queued */
	uint64_t uid;		   /* who queued it */
};

/* Appends the head of ENVELOPE, the empty line included, but for the first line. */
void queue_envelope_write(struct buf *out, const struct queue_envelope *envelope);

/* Appends the first line for SIZE bytes that follow it, with this CHECKSUM. */
void queue_envelope_write_first(struct buf *out, uint32_t checksum, uint64_t size);

/* What the first line says. False where LINE, without its end, is no such line. */
bool queue_envelope_read_first(struct slice line, uint32_t *checksum, uint64_t *size);

/*
 * Reads HEAD, as queue_envelope_write made it, into OUT, all zeros before. EX_DATAERR for anything
 * else; OUT then has nothing to free.
 */
int queue_envelope_read(struct slice head, struct queue_envelope *out, struct err *e);

void queue_envelope_free(struct queue_envelope *envelope);

#endif
