/*
 * request: the helper's contract (imbuca-accounts(5), token_command): a request of OAuth2's as
 * lines, and the answer as lines.
 */
#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/*
 * Posts what LINES say (oauth/lines): `url` is the address, all others are the form's. Appends the
 * members of the answer to OUT as lines, also where the server refuses (RFC 6749 5.2); then it is
 * -1 with EX_NOPERM, or EX_TEMPFAIL where it is only for now. Else -1 as web_post and
 * web_members_print. An empty answer is one without members.
 */
int web_request_run(struct slice lines, struct buf *out, struct err *e);

#endif
