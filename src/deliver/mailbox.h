/*
 * mailbox: a user's mailbox as imbucad.conf describes it:
 *
 *	maildir:FOLDER    a Maildir; in it .DETAIL, where that folder is there, for name+detail
 *	mbox:FILE
 *
 * In FOLDER and FILE a leading ~/ is the user's home, and %u the user's name.
 */
#ifndef DELIVER_MAILBOX_H
#define DELIVER_MAILBOX_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* Whose it is, and what goes into it. */
struct deliver_mailbox_params {
	const char *user, *home;
	const char *detail; /* of the recipient; "" without one */
	const char *sender; /* "" for the null one */
	const char *host;   /* this machine's name */
	struct slice top;   /* lines, LF at the end of each */
	int message;	    /* the whole file behind them */
};

/*
 * Delivers into the mailbox SPEC. Appends to PLACE where the message lies now. -1 as
 * deliver_failure says.
 */
int deliver_mailbox(const char *spec, const struct deliver_mailbox_params *params,
    struct buf *place, struct err *e);

/* Appends the path in SPEC ("maildir:~/Maildir") for USER with HOME. */
void deliver_mailbox_path(const char *spec, const char *user, const char *home, struct buf *out);

#endif
