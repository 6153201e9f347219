/*
 * declare: what MAIL says of a message, as far as the server offers the words for it: its size (RFC
 * 1870), its body type (RFC 6152), SMTPUTF8 (RFC 6531), the wishes for reports (RFC 3461).
 */
#ifndef SMTP_DECLARE_H
#define SMTP_DECLARE_H

#include "smtp/params.h"
#include "smtp/transaction.h"

/* Is T's message small enough for the server? EX_DATAERR where it is not. */
int smtp_declare_check(
    const struct smtp_client *c, const struct smtp_transaction *t, struct err *e);

/* Makes P the parameters of T's MAIL. */
void smtp_declare_params(
    const struct smtp_client *c, const struct smtp_transaction *t, struct smtp_params *p);

/* Are reports asked for that this server cannot be asked for? */
bool smtp_declare_is_in_vain(const struct smtp_client *c, const struct smtp_transaction *t);

#endif
