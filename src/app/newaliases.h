/*
 * newaliases: sendmail -bi. Aliases are read from their file at each use and need no compiling, so
 * it says what is wrong with that file.
 */
#ifndef APP_NEWALIASES_H
#define APP_NEWALIASES_H

#include "app/options.h"
#include "base/err.h"

/*
 * Checks the aliases file: that of -oA, else the account's, else /etc/aliases, which may be
 * missing. 0 without a word where all is well; else -1 with EX_CONFIG and the last of what is
 * wrong, and the rest is told on standard error.
 */
int app_newaliases_run(const struct app_options *options, struct err *e);

#endif
