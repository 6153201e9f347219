/*
 * passwd: a user of this machine, as the system's tables name it.
 */
#ifndef IMBUCAD_PASSWD_H
#define IMBUCAD_PASSWD_H

#include <sys/types.h>

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

struct imbucad_passwd {
	char name[256];
	char home[1024];
	uid_t uid;
	gid_t gid;
};

/*
 * Finds the user NAME, or the one with UID. 1; 0 where there is none; -1 with EX_TEMPFAIL where
 * nobody can say now.
 */
int imbucad_passwd_find(struct slice name, struct imbucad_passwd *out, struct err *e);
int imbucad_passwd_of(uid_t uid, struct imbucad_passwd *out, struct err *e);

/*
 * Whom the daemon's processes run as: NAME, never root; where NAME is NULL, this process's user.
 * EX_CONFIG with a hint where there is no such user.
 */
int imbucad_passwd_self(const char *name, struct imbucad_passwd *out, struct err *e);

#endif
