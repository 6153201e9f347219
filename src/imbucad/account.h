/*
 * account: the account of the machine, by which mail goes elsewhere, and what it makes of a
 * message.
 */
#ifndef IMBUCAD_ACCOUNT_H
#define IMBUCAD_ACCOUNT_H

#include <stdbool.h>

#include "conf/account.h"
#include "conf/accounts.h"
#include "conf/daemon.h"
#include "mail/envelope.h"
#include "mail/message.h"

/* Seconds until a process that could not read the account ends, and is started to read it again:
 * longer than makes the supervisor wait with that. */
enum { IMBUCAD_ACCOUNT_PATIENCE = 65 };

/* The account that CONF names, ready for use; ACCOUNTS, which owns it, is the caller's to free.
 * NULL on errors. */
struct conf_account *imbucad_account_load(
    const struct conf_daemon *conf, struct conf_accounts **accounts, struct err *e);

/* Is ADDRESS of one of this machine's domains, or of none? */
bool imbucad_account_is_ours(const struct conf_daemon *conf, const struct mail_address *address);

/*
 * Makes MESSAGE and ENVELOPE what the provider takes: an envelope sender, From or Sender that only
 * this machine knows (root@pi) becomes the account's address; the display name stays.
 */
int imbucad_account_adapt(const struct conf_daemon *conf, const struct conf_account *account,
    struct mail_message *message, struct mail_envelope *envelope, struct err *e);

#endif
