/*
 * message: a message on its way in, as reception knows it: who sends it, to whom, and its bytes in
 * an unnamed file that the spool has handed out.
 */
#ifndef IMBUCAD_MESSAGE_H
#define IMBUCAD_MESSAGE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "imbucad/origin.h"
#include "smtp/command.h"

struct imbucad_message {
	struct buf sender;     /* as written, "" for the null path */
	struct buf recipients; /* as the spool reads them: imbucad/wire.h */
	struct buf candidate;  /* the one that the spool is asked about, in the same form */
	uint64_t announced;    /* bytes, as MAIL said; 0 where it did not */
	unsigned count;	       /* of recipients */
	int fd;		       /* its bytes, -1 while there are none */
	uint64_t size;	       /* how many */
	struct err fault;      /* why they could not be kept, ex 0 while they are */
};

/* No message. */
void imbucad_message_init(struct imbucad_message *m);

/* Begins one by the command MAIL, and forgets what was there. -1 where memory runs out. */
int imbucad_message_begin(
    struct imbucad_message *m, const struct smtp_command *mail, struct err *e);

/* Writes the question whether RCPT may be added into OUT. */
int imbucad_message_ask(struct imbucad_message *m, const struct imbucad_origin *origin,
    const struct smtp_command *rcpt, struct buf *out, struct err *e);

/* Adds the one that was asked about; FD is the file that came with the answer, or -1. */
int imbucad_message_add(struct imbucad_message *m, int fd, struct err *e);

/* Keeps its next bytes. What goes wrong is remembered. */
void imbucad_message_write(struct imbucad_message *m, struct slice bytes);

/* Completes the file and writes the request that hands it over into OUT, to be answered for EACH
 * recipient or once. -1 with the fault. */
int imbucad_message_finish(struct imbucad_message *m, const struct imbucad_origin *origin,
    bool each, struct buf *out, struct err *e);

/* Forgets it and frees what it holds. */
void imbucad_message_drop(struct imbucad_message *m);

#endif
