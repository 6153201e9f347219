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

/* Is LOCAL@DOMAIN, without a detail, NAME's? A name with a domain is a whole address. */
static bool
is_own(struct slice name, struct slice local, struct slice domain, bool domain_is_local)
{
	struct slice user = {local.ptr, str_find(local, '+')};
	struct slice wanted = name, own = str_cut(&wanted, '@');

	if (!str_equal_nocase(user, own))
		return false;
	return wanted.ptr == NULL ? domain_is_local : str_equal_nocase(domain, wanted);
}

int
imbucad_policy_sender(
    const char *name, struct slice local, struct slice domain, bool domain_is_local, struct err *e)
{
	if (local.len == 0 || str_is(str_slice(name), "root") ||
	    is_own(str_slice(name), local, domain, domain_is_local))
		return 0;
	return smtp_refusal(
	    e, 553, "5.7.1", "You may send in your own name alone, which is %s", name);
}
