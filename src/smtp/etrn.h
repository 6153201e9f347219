/*
 * etrn: asks a server to send now what it keeps for a host, a domain or a queue (RFC 1985).
 */
#ifndef SMTP_ETRN_H
#define SMTP_ETRN_H

#include "smtp/client.h"

/*
 * Asks for NODE: a host's name, `@` and a domain with all below it, or `#` and a queue's name.
 * REPLY is what the server says to that, where it is a yes. EX_USAGE where NODE is none of these,
 * EX_UNAVAILABLE where the server does not offer ETRN, else as its refusal says.
 */
int smtp_etrn(struct smtp_client *c, const char *node, struct smtp_reply *reply, struct err *e);

#endif
