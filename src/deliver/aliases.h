/*
 * aliases: whom a name of this machine stands for, from a file as aliases(5) describes it:
 *
 *	name: target, target...
 *	    target
 *
 * Targets are those of deliver/target.h. A line that begins with a blank continues the one above
 * it; `#` begins a comment. A name may stand in double quotes; names are compared without regard to
 * case. `owner-NAME`, where it is there, is whom failures of NAME's targets are reported to.
 * `default:` is msmtp's: it is for every name that has no line.
 */
#ifndef DELIVER_ALIASES_H
#define DELIVER_ALIASES_H

#include <stdbool.h>

#include "base/err.h"
#include "deliver/target.h"
#include "mail/envelope.h"

struct deliver_aliases;

/* Which addresses are looked up. */
struct deliver_aliases_scope {
	/* Domains whose names are looked up, as those without a domain are; up to a NULL. NULL:
	   none. */
	const char *const *domains;
	bool has_default; /* the line `default:` counts */
};

/*
 * Reads FILE. On success *OUT is freed with deliver_aliases_free. -1 with EX_CONFIG (no such file,
 * more than 1 MiB, or a line that is none, as FILE:LINE:COLUMN) or EX_TEMPFAIL.
 */
int deliver_aliases_load(const char *file, struct deliver_aliases **out, struct err *e);

/*
 * Makes of *ALIASES, NULL before, what FILE is now, if that has changed; NULL where there is no
 * such file. TELL is told once of what is wrong in it. A file with something wrong takes no right
 * one's place; where there was none, the names that its wrong lines are about cannot be expanded:
 * EX_CONFIG. -1 where nothing can be read of it and nothing is known: EX_CONFIG, EX_TEMPFAIL.
 */
int deliver_aliases_renew(struct deliver_aliases **aliases, const char *file,
    void (*tell)(void *context, const struct err *e), void *context, struct err *e);

/* Is there nothing wrong in it? Else a line may be missing that somebody has written. NULL is. */
bool deliver_aliases_is_whole(const struct deliver_aliases *aliases);

/* Was the file changed a moment ago? Who writes it may not be done: an editor empties it first. */
bool deliver_aliases_is_fresh(const struct deliver_aliases *aliases);

/*
 * Reads FILE to its end and works out each name in it; TELL is told of all that is wrong, each time
 * with FILE:LINE:COLUMN. -1 as deliver_aliases_load where it could not be read to its end.
 */
int deliver_aliases_check(const char *file, void (*tell)(void *context, const struct err *e),
    void *context, struct err *e);

/*
 * Appends to OUT what ADDRESS stands for in the end: addresses that no line is about, mailboxes,
 * files, commands; no include, whose file is read on the way (any user's, but writable by nobody
 * else, and with addresses alone in it). A name that comes back to itself is its mailbox, and so is
 * a name within the scope that has no line. `name+detail` is looked up first, then `name`. ALIASES
 * may be NULL: then no name has a line.
 *
 * An include that cannot be taken, and a name whose line is wrong, keep nobody else out: they are
 * in OUT themselves, with the fault, EX_CONFIG or EX_TEMPFAIL. A file with such an include is one.
 *
 * Returns 1 where a line was found for ADDRESS, 0 where there is none and OUT has ADDRESS itself.
 * -1 with EX_CONFIG (a name that stands for nobody since its include is empty, thousands of
 * targets), or EX_TEMPFAIL.
 */
int deliver_aliases_expand(const struct deliver_aliases *aliases,
    const struct deliver_aliases_scope *scope, const struct mail_address *address,
    struct deliver_target_list *out, struct err *e);

/* As deliver_aliases_expand, of what TARGET stands for, which may be an include. */
int deliver_aliases_expand_target(const struct deliver_aliases *aliases,
    const struct deliver_aliases_scope *scope, const struct deliver_target *target,
    struct deliver_target_list *out, struct err *e);

/* Puts FILE:LINE of the line that expand found for ADDRESS, if any, before E's message. Returns -1.
 */
int deliver_aliases_expand_place(const struct deliver_aliases *aliases,
    const struct deliver_aliases_scope *scope, const struct mail_address *address, struct err *e);

/* What line number INDEX, from 0, names, as it stands there; NULL where there is none. ALIASES may
 * be NULL. */
const struct deliver_target_list *deliver_aliases_targets(
    const struct deliver_aliases *aliases, size_t index);

/* Frees all; NULL is fine. */
void deliver_aliases_free(struct deliver_aliases *aliases);

#endif
