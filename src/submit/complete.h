/*
 * complete: what a message needs before it can go (RFC 6409, 8): its envelope sender, and the
 * header fields that every message has: From, Date, Message-ID (RFC 5322, 3.6).
 */
#ifndef SUBMIT_COMPLETE_H
#define SUBMIT_COMPLETE_H

#include "conf/account.h"
#include "mail/address.h"
#include "mail/message.h"

/*
 * Chooses the envelope sender: GIVEN (of -f, the null address too) where it is not NULL; else
 * WRITTEN (of the header's From) where one of the account's `from` lines matches it; else the first
 * of those lines that is an address and no pattern; else WRITTEN; else the caller's login name at
 * DOMAIN. With `allow_from_override off` neither GIVEN counts nor a WRITTEN that no line matches.
 * GIVEN and WRITTEN may be NULL. The caller frees *OUT.
 */
int submit_complete_sender(const struct conf_account *account, const struct mail_address *given,
    const struct mail_address *written, const char *domain, struct mail_address *out,
    struct err *e);

/*
 * Makes the header what ACCOUNT wants sent: adds (or sets) From, with SENDER (the caller's login
 * name at DOMAIN where that is the null address) and NAME, a display name, or where it is NULL the
 * account's, or the caller's full name; adds Date and Message-ID; shows Bcc, hides all recipients.
 */
int submit_complete_header(struct mail_message *message, const struct conf_account *account,
    const struct mail_address *sender, const char *name, const char *domain, struct err *e);

#endif
