/*
 * netrc: the passwords in a .netrc, the file of ftp(1): `machine HOST login USER password WORD`,
 * `default` for any host, `account`, `macdef` passed over. Words end at blanks and line ends; one
 * with blanks stands in double quotes, in which a backslash takes the next byte as it is. A # where
 * a keyword could stand opens a comment.
 */
#ifndef SASL_NETRC_H
#define SASL_NETRC_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Appends the password of USER at HOST in TEXT to OUT: of the first entry that is for HOST, or for
 * any host, and for USER, or for any user. Returns whether there is one.
 */
bool sasl_netrc_search(struct slice text, const char *host, const char *user, struct buf *out);

/*
 * The same in FILE. Returns 1; 0 where there is no such file, or the caller may not read it, or it
 * has no such entry; -1 with EX_CONFIG where others can read the password too (file_check_secret),
 * else as file_read.
 */
int sasl_netrc_find(
    const char *file, const char *host, const char *user, struct buf *out, struct err *e);

#endif
