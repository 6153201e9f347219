/*
 * failure: what a client hears when the system refuses a delivery: errno decides.
 */
#ifndef DELIVER_FAILURE_H
#define DELIVER_FAILURE_H

#include "base/err.h"

/*
 * Sets E to "cannot WHAT WHERE: the text of errno SAVED" and to the reply that it deserves: 452
 * 4.3.1 (no space), 552 5.2.2 (over quota, too big), 451 4.2.0 (busy), 451 4.3.0 (anything else: a
 * person must mend it, and mail waits; the hint then says what). Returns -1.
 */
int deliver_failure(struct err *e, int saved, const char *what, const char *where);

/* Sets E's reply: CODE, ENHANCED, and the exit code that follows. Returns -1. */
int deliver_failure_reply(struct err *e, int code, const char *enhanced);

#endif
