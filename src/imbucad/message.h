/*
 * message: a message on its way through the daemon: who sends it, to whom, and its bytes in an
 * unnamed file until they lie in the Maildir.
 */
#ifndef IMBUCAD_MESSAGE_H
#define IMBUCAD_MESSAGE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "smtp/path.h"

struct imbucad_message {
	struct smtp_path sender;
	struct smtp_path recipient; /* the last one */
	struct buf delivered_to;    /* a Delivered-To line a recipient */
	unsigned recipients;
	int fd;		  /* its bytes, -1 while there are none */
	uint64_t size;	  /* how many */
	struct err fault; /* why they could not be kept, ex 0 while they are */
};

/* Where a message comes from: for the Received field (RFC 5321 4.4). */
struct imbucad_message_origin {
	const char *client;   /* what it called itself */
	const char *address;  /* its address, numeric */
	const char *hostname; /* this machine */
	const char *protocol; /* RFC 3848 */
};

/* No message. */
void imbucad_message_init(struct imbucad_message *m);

/* Begins one, and forgets what was there. */
void imbucad_message_begin(struct imbucad_message *m, const struct smtp_path *sender);

/* Adds a recipient. -1 with EX_TEMPFAIL where memory runs out. */
int imbucad_message_add(
    struct imbucad_message *m, const struct smtp_path *recipient, struct err *e);

/* Keeps its next bytes. What goes wrong is remembered, and what deliver fails with. */
void imbucad_message_write(struct imbucad_message *m, struct slice bytes);

/*
 * Delivers it into MAILDIR with Return-Path, Delivered-To and Received at its top, and appends the
 * file's name to NAME. When it returns 0 the message survives a crash. -1 with the reply for the
 * client (see deliver/maildir.h) and a message that is for the log alone.
 */
int imbucad_message_deliver(struct imbucad_message *m, const struct imbucad_message_origin *origin,
    const char *maildir, struct buf *name, struct err *e);

/* Forgets it and frees what it holds. */
void imbucad_message_drop(struct imbucad_message *m);

#endif
