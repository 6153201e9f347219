/*
 * session: -bs: SMTP on standard input and standard output, as frameworks talk to a sendmail that
 * they keep open for many messages.
 *
 * The caller is a program of this machine and its user: so the framing is lenient (LF ends a line,
 * `MAIL FROM: a@b`), names need no domain, nothing is said of logins, and the replies tell what
 * went wrong in full. Each message goes the way of one that comes on standard input
 * (app/submission).
 */
#ifndef APP_SESSION_H
#define APP_SESSION_H

#include "app/options.h"
#include "base/err.h"

/*
 * Serves until QUIT or the end of the input: 0 then, whatever became of the messages, since the
 * replies have said it; a message whose end did not come is not sent. -1 with EX_IOERR where the
 * other side cannot be heard or spoken to.
 */
int app_session_run(const struct app_options *options, struct err *e);

#endif
