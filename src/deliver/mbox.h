/*
 * mbox: delivery into one file that holds many messages, the format mboxrd of mbox(5): "From sender
 * date" before each, one more `>` before each line of the kind ">From ", an empty line behind.
 *
 * The file is locked as Debian's programs do it, by fcntl(2) and then by FILE.lock (which is left
 * out where its folder does not let us make one). It must be a regular file with one name, before
 * and after locking. When deliver_mbox has returned 0 the message survives a crash; when it fails
 * the file is as long as it was.
 */
#ifndef DELIVER_MBOX_H
#define DELIVER_MBOX_H

#include "base/err.h"
#include "base/str.h"

/*
 * Appends to FILE, which is made where missing (0600), the message of SENDER (an address, "" for
 * the null one): the lines TOP (LF at the end of each), and the whole file on MESSAGE, its CRLFs
 * made LFs. -1 as deliver_failure says; 451 4.2.0 where another program keeps it locked.
 */
int deliver_mbox(
    const char *file, const char *sender, struct slice top, int message, struct err *e);

#endif
