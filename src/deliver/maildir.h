/*
 * maildir: delivery into a Maildir (the format of maildir(5), with Dovecot's `,S=SIZE`).
 *
 * When deliver_maildir has returned 0 the message survives a crash: written in tmp, synced, linked
 * into new, the folder synced. Nothing that is there is ever overwritten.
 */
#ifndef DELIVER_MAILDIR_H
#define DELIVER_MAILDIR_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/*
 * Delivers into FOLDER, which is made with its folders where missing (0700), the lines TOP (LF at
 * the end of each) and behind them the whole file on MESSAGE, from its beginning, its CRLFs made
 * LFs. HOST is this machine's name, for the file's. Appends the name of the new file, without
 * folders, to NAME.
 *
 * -1, and then E has also the reply that a client should get, code and enhanced code: 452 4.3.1 (no
 * space), 552 5.2.2 (over quota, too big), 451 4.2.0 (busy), 451 4.3.0 (anything else: a person
 * must mend it, and mail waits).
 */
int deliver_maildir(const char *folder, const char *host, struct slice top, int message,
    struct buf *name, struct err *e);

#endif
