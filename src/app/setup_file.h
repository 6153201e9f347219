/*
 * setup_file: adds an account to the accounts file, whose other lines stay as they are.
 */
#ifndef APP_SETUP_FILE_H
#define APP_SETUP_FILE_H

#include "base/buf.h"
#include "base/err.h"
#include "conf/account.h"

/*
 * Finds the file that an account is to be added to: OPTION (of -C) or the one that is in force, if
 * it is the caller's to write; else the user's own, which need not be there. Appends its name to
 * NAME. -1 with EX_CONFIG where it is no good, or has an account called ACCOUNT, or one that is for
 * ADDRESS.
 */
int app_setup_file_find(const char *option, const char *account, const struct mail_address *address,
    struct buf *name, struct err *e);

/*
 * Appends ACCOUNT to the file NAME, every keyword that was set: atomically, mode 0600, a link's
 * target in its place. Where the file had but one account until now, which was the one for
 * everything, it stays that.
 */
int app_setup_file_add(const char *name, const struct conf_account *account, struct err *e);

#endif
