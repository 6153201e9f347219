/*
 * tell: what the sender of a queued message has to be told, and the message's end: a report of what
 * was refused or has waited too long, a warning after a while, once a word about what a person has
 * to mend. What NOTIFY (RFC 3461) does not want is not told. Then a message that nobody waits for
 * any more is removed, or, where it is itself a report that could not be delivered, kept in failed.
 */
#ifndef SUBMIT_TELL_H
#define SUBMIT_TELL_H

#include "conf/account.h"
#include "queue/entry.h"

enum {
	SUBMIT_TELL_KEEPS = 30 * 24 * 60 * 60, /* seconds that a failed message is kept */
};

/* Is there anything to tell or to end of ENTRY at NOW (seconds since the epoch)? */
bool submit_tell_is_due(
    const struct queue_entry *entry, const struct conf_account *account, int64_t now);

enum {
	SUBMIT_TELL_NOTHING = 0, /* there was nothing to tell */
	SUBMIT_TELL_ENDED = 1,	 /* the message is gone */
	SUBMIT_TELL_TOLD = 2,	 /* and it waits on */
};

/*
 * Tells it by a report, and ends the locked message where that is due. REPORTER's server is to
 * bring it; NULL: imbucad, to the mailbox here of a sender of this machine whom ACCOUNT does not
 * own, if it answers, and else ACCOUNT's server. Returns one of these; -1 where a report could not
 * be made: it is due again then.
 */
int submit_tell(struct queue_entry *entry, const struct conf_account *account,
    const struct conf_account *reporter, int64_t now, struct err *e);

/* Does a recipient want to be told of success? */
bool submit_tell_wants_success(const struct queue_entry *entry);

#endif
