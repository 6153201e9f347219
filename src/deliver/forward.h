/*
 * forward: a user's ~/.forward: where the user wants the mail to go instead.
 */
#ifndef DELIVER_FORWARD_H
#define DELIVER_FORWARD_H

#include "base/buf.h"
#include "base/err.h"
#include "deliver/target.h"

enum { DELIVER_FORWARD_MAXIMUM = 16384 /* bytes of the file */ };

/*
 * Appends the text of HOME/.forward to OUT; called by a process that runs as the user. 1, or 0
 * where there is none, or none that names anybody. -1 with a 451: the home is missing or others can
 * write it, or the file is not regular, the user's or root's, and writable by nobody else.
 */
int deliver_forward_read(const char *home, struct buf *out, struct err *e);

/* Parses such a TEXT. -1 with a 451 and LINE:COLUMN. */
int deliver_forward_parse(struct slice text, struct deliver_target_list *out, struct err *e);

#endif
