/*
 * id: the names of messages in the spool: 14 letters and digits without those that are taken for
 * each other, nine for the thousandth of a second (1/1024) in which the message came, so that they
 * sort by age, and five that nobody can guess.
 */
#ifndef QUEUE_ID_H
#define QUEUE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum { QUEUE_ID_SIZE = 15 }; /* bytes, the NUL included */

/* Writes a new name, of this moment, into OUT. EX_OSERR without random bytes. */
int queue_id_make(char out[QUEUE_ID_SIZE], struct err *e);

/* Is TEXT such a name? */
bool queue_id_is(struct slice text);

#endif
