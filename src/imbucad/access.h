/*
 * access: what a user of this machine may do with a file. Modes, lists, folders on the way and
 * mounts that are read-only all count, so the kernel is asked, by a process of that user's.
 */
#ifndef IMBUCAD_ACCESS_H
#define IMBUCAD_ACCESS_H

#include "imbucad/passwd.h"

enum imbucad_access {
	IMBUCAD_ACCESS_READ,
	IMBUCAD_ACCESS_WRITE, /* a file, to be made in its folder where it is missing; a folder */
	IMBUCAD_ACCESS_MAKE,  /* the same, with the folders that are missing */
};

/*
 * May USER, who is in the group GROUP too unless that is NULL, do HOW with PATH? 0, or errno. Who
 * is not root asks for himself, and so does who gives no USER.
 */
int imbucad_access(const struct imbucad_passwd *user, const char *group, const char *path,
    enum imbucad_access how);

#endif
