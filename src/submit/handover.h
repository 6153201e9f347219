/*
 * handover: imbucad's socket on this machine, which takes what is for mailboxes here, and, where
 * the credentials are the system's, all mail.
 */
#ifndef SUBMIT_HANDOVER_H
#define SUBMIT_HANDOVER_H

#include <stdbool.h>

#include "base/err.h"
#include "conf/account.h"

/* Where it is: $IMBUCAD_SOCKET, or imbuca/socket below the folder of run-time files. */
const char *submit_handover_socket(void);

/* Does somebody take connections there? */
bool submit_handover_answers(void);

/* May this user connect there, if it is there at all? 0, or -1 with EX_NOPERM. */
int submit_handover_allowed(struct err *e);

/*
 * The name of the account whose server is that socket, in the queue too. No account of a file can
 * have it: there a colon ends the name.
 */
#define SUBMIT_HANDOVER_NAME ":imbucad"

/* Is ACCOUNT that one? */
bool submit_handover_is(const char *account);

/* That account, settled. The caller frees it. NULL on errors. */
struct conf_account *submit_handover_account(struct err *e);

/* An account called NAME, settled, whose server is the unix socket SOCKET, in clear text and
 * without a login. The caller frees it. NULL on errors. */
struct conf_account *submit_handover_account_at(
    const char *name, const char *socket, struct err *e);

#endif
