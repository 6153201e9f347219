/*
 * sender_rule: whether the account's provider will take a sender, told before the network is asked.
 */
#ifndef SUBMIT_SENDER_RULE_H
#define SUBMIT_SENDER_RULE_H

#include "base/buf.h"
#include "base/err.h"
#include "conf/account.h"
#include "mail/address.h"

/*
 * Holds SENDER (of the envelope, or the header's From; the null sender is nobody's affair) against
 * the rule of ACCOUNT's provider, where the account names one. What the `from` lines and the user
 * name list is the account's own. EX_NOPERM, with what to do, where the provider would refuse it;
 * where it would put another in its place, or its rule is not confirmed, a line is added to
 * WARNINGS instead.
 */
int submit_sender_rule_check(const struct conf_account *account, const struct mail_address *sender,
    struct buf *warnings, struct err *e);

#endif
