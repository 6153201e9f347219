/*
 * folder: what root makes for the daemon's user.
 */
#ifndef IMBUCAD_FOLDER_H
#define IMBUCAD_FOLDER_H

#include "base/err.h"
#include "imbucad/passwd.h"

/*
 * Makes the folder NAME, USER's and closed to all others, where it is missing. What is there
 * already stays as it is: whoever owns it could lead a chown astray. -1 with EX_CANTCREAT and a
 * hint.
 */
int imbucad_folder_make(const char *name, const struct imbucad_passwd *user, struct err *e);

/*
 * The same for NAME in the folder STATE, which is made too, and is root's: others may pass through
 * it to what is theirs.
 */
int imbucad_folder_make_in_state(
    const char *state, const char *name, const struct imbucad_passwd *user, struct err *e);

#endif
