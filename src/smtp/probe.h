/*
 * probe: asks a server whether it would take a message, and sends none: MAIL, RCPT, RSET.
 */
#ifndef SMTP_PROBE_H
#define SMTP_PROBE_H

#include "mail/address.h"
#include "smtp/client.h"

/*
 * Over C, which has said EHLO and logged in: would the server take a message of SENDER, and for
 * RECIPIENT (NULL asks for the sender alone)? 0 where it would, -1 with what its refusal means, or
 * with EX_TEMPFAIL or EX_PROTOCOL where the dialogue ended; EX_DATAERR for what is no path.
 */
int smtp_probe(struct smtp_client *c, const struct mail_address *sender,
    const struct mail_address *recipient, struct err *e);

#endif
