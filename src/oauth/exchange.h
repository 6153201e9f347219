/*
 * exchange: one request to a token server, through the helper imbuca-oauth or a command of the
 * user's that takes its place. Both keep to the same contract (imbuca-accounts(5), token_command):
 * lines in, lines out, an exit status.
 */
#ifndef OAUTH_EXCHANGE_H
#define OAUTH_EXCHANGE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* The longest answer, in bytes; requests are shorter. */
enum { OAUTH_EXCHANGE_MAXIMUM = 128 << 10 };

/*
 * Gives REQUEST (oauth/lines) to COMMAND, or where that is NULL to the helper (the program of
 * $IMBUCA_OAUTH, else the installed one), and appends what it prints to ANSWER, a secret. Returns
 * 0; 1 where the server refuses and ANSWER has its `error` (RFC 6749 5.2), E being filled in as for
 * -1; -1 with EX_TEMPFAIL for what is worth trying again, EX_NOPERM, EX_PROTOCOL, or EX_CONFIG
 * where it cannot be run at all.
 */
int oauth_exchange_run(
    const char *command, struct slice request, struct buf *answer, struct err *e);

/* Appends the QR code of TEXT to OUT (lines of UTF-8), where the helper can make one. */
bool oauth_exchange_qr(struct slice text, struct buf *out);

#endif
