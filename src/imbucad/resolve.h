/*
 * resolve: whose is a recipient: through aliases, to users of this machine, files, commands, and
 * addresses elsewhere. Many threads may ask at once.
 */
#ifndef IMBUCAD_RESOLVE_H
#define IMBUCAD_RESOLVE_H

#include "conf/daemon.h"
#include "deliver/target.h"
#include "imbucad/origin.h"
#include "imbucad/passwd.h"
#include "imbucad/plan.h"

struct imbucad_resolve; /* the aliases, as the file was when it was looked at last */

/* Is told what is wrong in the aliases, once a change of the file. */
typedef void imbucad_resolve_tell(const struct conf_daemon *conf, const struct err *fault);

/* CONF must outlive it. PRIVILEGED: the daemon is root's, and delivers as others. TELL may be NULL.
 * NULL with EX_CONFIG where there is no user to run as, EX_TEMPFAIL. */
struct imbucad_resolve *imbucad_resolve_new(
    const struct conf_daemon *conf, bool privileged, imbucad_resolve_tell *tell, struct err *e);
void imbucad_resolve_free(struct imbucad_resolve *r);

/* Is DOMAIN ("" for none) this machine's? */
bool imbucad_resolve_is_local(const struct imbucad_resolve *r, const char *domain);

/* Is ADDRESS one of this machine's for a client of KIND? The queue's may be places. */
bool imbucad_resolve_is_here(const struct imbucad_resolve *r, enum imbucad_origin_kind kind,
    const struct mail_address *address);

/*
 * Adds to PLAN where mail of a client of KIND for ADDRESS goes, as the ways of RECIPIENT. What of
 * it cannot be reached is an item that has failed. -1 where all have, or nothing is known, with the
 * reply for the client: 550 5.1.1 where there is no such user, 451 4.3.0 where the aliases cannot
 * be read; then the message is for the log.
 */
int imbucad_resolve_address(struct imbucad_resolve *r, enum imbucad_origin_kind kind,
    const struct mail_address *address, struct imbucad_plan *plan, size_t recipient, struct err *e);

/* The same for TARGETS, which the ~/.forward of the user of PLAN's item number ITEM names: that
 * user is its own mailbox, files and commands are the user's; those of an alias that it names are
 * the aliases'. 0 where all have failed, too. */
int imbucad_resolve_forward(struct imbucad_resolve *r, size_t item,
    const struct deliver_target_list *targets, struct imbucad_plan *plan, struct err *e);

#endif
