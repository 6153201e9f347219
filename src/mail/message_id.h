/*
 * message_id: identifiers for messages (RFC 5322 3.6.4), unique by 100 random bits. They tell the
 * time of sending, which Date tells too, and nothing else about the machine or the user.
 */
#ifndef MAIL_MESSAGE_ID_H
#define MAIL_MESSAGE_ID_H

#include <time.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Appends "<TIME.RANDOM@DOMAIN>" to OUT. EX_CONFIG where DOMAIN is neither a name nor an address
 * in brackets, EX_OSERR where the kernel has no random bytes.
 */
int mail_message_id_write(struct buf *out, time_t now, const char *domain, struct err *e);

#endif
