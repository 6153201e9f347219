/*
 * journal: the daemon's lines in the log: one a message, one for each login that failed.
 */
#ifndef IMBUCAD_JOURNAL_H
#define IMBUCAD_JOURNAL_H

#include "conf/daemon.h"
#include "imbucad/incoming.h"
#include "imbucad/passwd.h"
#include "imbucad/plan.h"

/* Can USER, whom the daemon runs as, write the log? -1 with EX_CANTCREAT. */
int imbucad_journal_check(
    const struct conf_daemon *conf, const struct imbucad_passwd *user, struct err *e);

/* Root makes a log that is missing USER's, before a process that is root still makes it root's. */
void imbucad_journal_prepare(const struct conf_daemon *conf, const struct imbucad_passwd *user);

/* The message M and what became of it; FAILED is the reply that its client got, NULL for a yes. A
 * log that cannot be written is no reason to refuse mail: the line goes to syslog then. */
void imbucad_journal_message(const struct conf_daemon *conf, const struct imbucad_incoming *m,
    const struct imbucad_plan *plan, const struct err *failed);

/* Something else that went wrong for a client from ORIGIN, or, where that is NULL, for nobody. */
void imbucad_journal_error(
    const struct conf_daemon *conf, const struct imbucad_origin *origin, const struct err *e);

#endif
