/*
 * payload: the content of one MAIL, once its commands were answered, and what the server says to
 * it: by DATA a reply for the message, by BDAT (RFC 3030) one a chunk, by LMTP (RFC 2033, 4.2) in
 * the end one for each recipient.
 */
#ifndef SMTP_PAYLOAD_H
#define SMTP_PAYLOAD_H

#include "smtp/batch.h"
#include "smtp/transaction.h"

/*
 * Sends T's message, in chunks where CHUNKED, and seals the fates of BATCH's recipients that wait.
 * What was added to the dialogue's lines goes along with the end. 0 where the server has answered
 * for all of them (by LMTP perhaps with a no to each), -1 where it refused the message or was lost.
 */
int smtp_payload_send(struct smtp_client *c, struct smtp_transaction *t,
    const struct smtp_batch *batch, bool chunked, struct err *e);

#endif
