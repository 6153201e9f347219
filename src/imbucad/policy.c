/*
 * policy: see policy.h.
 */
#include <config.h>

#include "imbucad/policy.h"
#include "smtp/refusal.h"

#include "base/banned.h"

/* Is the client somebody that the machine knows: its user, or one who has logged in, or itself? */
static bool
is_user(const struct imbucad_policy_question *q)
{
	return q->logged_in || imbucad_origin_is_inside(q->kind);
}

int
imbucad_policy_allows(const struct imbucad_policy_question *q, struct err *e)
{
	if (q->is_local)
		return 0;
	if (q->relay == CONF_DAEMON_RELAY_OFF)
		return smtp_refusal(e, 550, "5.7.1", "This machine brings no mail to other places");
	if (is_user(q))
		return 0;
	if (q->relay == CONF_DAEMON_RELAY_LOOPBACK && q->kind == IMBUCAD_ORIGIN_LOOPBACK)
		return 0;
	return smtp_refusal(e, 550, "5.7.1",
	    "Relay access denied: this is no mailbox here, and you have not logged in");
}

int
imbucad_policy_sender(const char *name, struct slice local, bool domain_is_local, struct err *e)
{
	struct slice user = {local.ptr, str_find(local, '+')};

	if (local.len == 0 || str_is(str_slice(name), "root"))
		return 0;
	if (domain_is_local && str_is_nocase(user, name))
		return 0;
	return smtp_refusal(
	    e, 553, "5.7.1", "You may send in your own name alone, which is %s", name);
}
