/*
 * home: where the daemon's user is at home, whose mailbox keeps what comes for root.
 */
#ifndef IMBUCAD_HOME_H
#define IMBUCAD_HOME_H

#include "conf/daemon.h"
#include "imbucad/passwd.h"

/*
 * As imbucad_passwd_self. Where root runs the daemon and the user cannot write the mailbox in the
 * home that the system has for it, or that is the state folder, which is root's, its home is
 * STATE/home.
 */
int imbucad_home_self(
    const struct conf_daemon *conf, bool privileged, struct imbucad_passwd *out, struct err *e);

/* Is USER's home that one? */
bool imbucad_home_is_made(const struct conf_daemon *conf, const struct imbucad_passwd *user);

/* Makes that folder, where USER's home is there. -1 as imbucad_folder_make. */
int imbucad_home_prepare(
    const struct conf_daemon *conf, const struct imbucad_passwd *user, struct err *e);

#endif
