/*
 * policy: who may do what. The whole of it is one function of what is known; a test walks every
 * combination.
 */
#ifndef IMBUCAD_POLICY_H
#define IMBUCAD_POLICY_H

#include <stdbool.h>

#include "base/err.h"
#include "conf/daemon.h"
#include "imbucad/origin.h"

struct imbucad_policy_question {
	enum imbucad_origin_kind kind;
	bool logged_in;
	bool is_local; /* the recipient is this machine's */
	enum conf_daemon_relay relay;
};

/*
 * May mail go there? Anybody's may to a recipient of this machine; elsewhere it goes only where
 * the configuration says so, for whom it says. -1 with the reply.
 */
int imbucad_policy_allows(const struct imbucad_policy_question *q, struct err *e);

/*
 * May a client that is NAME (the user behind a unix socket, or the login) send as SENDER, whose
 * local part and domain these are? Where senders are bound, only under its own name, with or
 * without a detail, in a domain of this machine, or in the name's own where it has one; root may in
 * any; the null sender anybody may. -1 with the reply.
 */
int imbucad_policy_sender(
    const char *name, struct slice local, struct slice domain, bool domain_is_local, struct err *e);

#endif
