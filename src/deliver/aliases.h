/*
 * aliases: whom a local name stands for, from a file of lines
 *     name: address, address...
 * as msmtp has it: `#` begins a comment, `default:` is for every name that has no line. Names are
 * compared without regard to case. What the list of sendmail's aliases(5) has beyond that (files,
 * commands, includes, folded lines) is an error.
 */
#ifndef DELIVER_ALIASES_H
#define DELIVER_ALIASES_H

#include "base/err.h"
#include "mail/envelope.h"

struct deliver_aliases;

/*
 * Reads FILE. On success *OUT is freed with deliver_aliases_free. -1 with EX_CONFIG (no such file,
 * more than 1 MiB, or a line that is none, as FILE:LINE) or EX_TEMPFAIL.
 */
int deliver_aliases_load(const char *file, struct deliver_aliases **out, struct err *e);

/*
 * Puts in the place of each recipient without a domain those whom it stands for, and so on for
 * those; a name that comes back to itself stays. EX_TEMPFAIL where memory runs out.
 */
int deliver_aliases_apply(
    struct deliver_aliases *aliases, struct mail_envelope *envelope, struct err *e);

/* Frees all; NULL is fine. */
void deliver_aliases_free(struct deliver_aliases *aliases);

#endif
