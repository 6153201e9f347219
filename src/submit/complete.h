/*
 * complete: what an envelope needs before it can go (RFC 6409, 8): its sender, and the reports that
 * are wanted (RFC 3461). The header is submit/header's.
 */
#ifndef SUBMIT_COMPLETE_H
#define SUBMIT_COMPLETE_H

#include "conf/account.h"
#include "mail/address.h"
#include "mail/envelope.h"

/*
 * An address that ACCOUNT sends as: PREFERRED (may be NULL) where a `from` line matches it, else
 * the first of those lines that is an address and no pattern. Returns 1 with *OUT, which the caller
 * frees; 0 where there is none.
 */
int submit_complete_own(const struct conf_account *account, const struct mail_address *preferred,
    struct mail_address *out, struct err *e);

/*
 * Chooses the envelope sender: GIVEN (of -f, the null address too) where it is not NULL, unless it
 * is of this machine (submit_identity_is_local) and no `from` line of the account matches it: no
 * provider takes `root`. Else as submit_complete_own, with WRITTEN (of the header's From). Without
 * such an address GIVEN, WRITTEN, or the caller's login name, at DOMAIN where they have none. With
 * `allow_from_override off` neither GIVEN counts nor a WRITTEN that no line matches. GIVEN and
 * WRITTEN may be NULL. The caller frees *OUT.
 */
int submit_complete_sender(const struct conf_account *account, const struct mail_address *given,
    const struct mail_address *written, const char *domain, struct mail_address *out,
    struct err *e);

/*
 * The account's own address: the first of its `from` lines that is no pattern, else its user where
 * that is an address. 1 with *OUT, which the caller frees; 0 where it has none; -1 on errors.
 */
int submit_complete_own_address(
    const struct conf_account *account, struct mail_address *out, struct err *e);

/*
 * Asks in ENVELOPE for the reports that ACCOUNT wants, where nothing was asked for yet, and notes
 * the recipients as they were written (ORCPT), where they are to be told or where an alias may put
 * others in their place: so it comes before those. A name without a domain is one at DOMAIN.
 */
int submit_complete_reports(struct mail_envelope *envelope, const struct conf_account *account,
    const char *domain, struct err *e);

#endif
