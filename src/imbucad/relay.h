/*
 * relay: the process that brings mail to other places while its client waits (XWAIT), by the
 * account of the machine. The answer is the provider's, and what the provider does not take now
 * stays with whoever sent it. What nobody waits for is the runner's (imbucad/runner.h); they alone
 * have the account's secrets and the network.
 *
 * A request: sender, what MAIL said (envid, ret, body), the trace field Received, recipients with
 * what RCPT said; with the message. The answer: how many errors follow, one a recipient, ex 0 where
 * the provider has taken it; or 0, and one error for all.
 */
#ifndef IMBUCAD_RELAY_H
#define IMBUCAD_RELAY_H

#include "conf/account.h"
#include "conf/daemon.h"
#include "mail/envelope.h"

/* Writes a request for ENVELOPE. RECEIVED: the value of that field, on one line. */
void imbucad_relay_put(struct buf *out, const struct mail_envelope *envelope, const char *received);

struct imbucad_relay_params {
	const struct conf_daemon *conf;
	const struct conf_account *account; /* NULL where it cannot be had, and WHY */
	const struct err *why;
	int service; /* imbucad/call.h */
};

/* Serves. Without an account all hear why, and the process ends after IMBUCAD_ACCOUNT_PATIENCE. */
void imbucad_relay_run(const struct imbucad_relay_params *params);

#endif
