/*
 * logins: the logins under way, for reception, which may not look at the users file. Many threads
 * may ask at once, so that the slow hash of one login holds up nobody else.
 */
#ifndef IMBUCAD_LOGINS_H
#define IMBUCAD_LOGINS_H

#include "base/buf.h"
#include "base/err.h"
#include "imbucad/wire.h"

struct imbucad_logins;

/* USERS: the users file, NULL for none. NULL with EX_SOFTWARE or EX_TEMPFAIL. */
struct imbucad_logins *imbucad_logins_new(const char *users, struct err *e);
void imbucad_logins_free(struct imbucad_logins *l);

/* Answers a request LOGIN (imbucad/request.h), whose first number was taken off IN. A failed one is
 * in FAILED (ex 0 else), for the log. */
void imbucad_logins_answer(
    struct imbucad_logins *l, struct imbucad_wire *in, struct buf *answer, struct err *failed);

#endif
