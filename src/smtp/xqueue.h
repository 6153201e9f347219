/*
 * xqueue: imbucad's own command XQUEUE, on its unix sockets: what of the queue is the client's own.
 *
 *	C: XQUEUE LIST            all of it: envelopes and journals
 *	C: XQUEUE SHOW id         one, and its content
 *	C: XQUEUE HOLD id         also RELEASE, REMOVE, LEAVE, RETRY
 *	S: 250 2.0.0 4711 bytes follow
 *
 * and behind the reply's line end so many bytes, whose form is queue/parcel's.
 */
#ifndef SMTP_XQUEUE_H
#define SMTP_XQUEUE_H

#include "smtp/client.h"

/*
 * Over C, which has said EHLO, asks REQUEST ("LIST", "SHOW id"), and appends the bytes that follow
 * to the file FD (-1: there must be none). -1 with EX_UNAVAILABLE where the server has no such
 * command, EX_NOINPUT where there is no such message, EX_DATAERR where it is not one for
 * that, EX_TEMPFAIL, EX_PROTOCOL.
 */
int smtp_xqueue(struct smtp_client *c, const char *request, int fd, struct err *e);

#endif
