/*
 * etrn: see etrn.h.
 */
#include <config.h>

#include <stdio.h>

#include "base/i18n.h"
#include "smtp/etrn.h"

#include "base/banned.h"

enum { NODE_MAX = 255 };

static bool
is_node(struct slice node)
{
	struct slice name = node;

	if (node.len > 0 && (node.ptr[0] == '@' || node.ptr[0] == '#'))
		name = (struct slice){node.ptr + 1, node.len - 1};
	return name.len > 0 && node.len <= NODE_MAX && !str_has_8bit(name) &&
	       str_find_control(name) == name.len && str_find(name, ' ') == name.len;
}

int
smtp_etrn(struct smtp_client *c, const char *node, struct smtp_reply *reply, struct err *e)
{
	char line[NODE_MAX + 16];

	if (!is_node(str_slice(node)))
		return err_set(
		    e, EX_USAGE, "'%s' is no host, @domain or #queue that ETRN can name", node);
	if ((c->ehlo.extensions & SMTP_EHLO_ETRN) == 0)
		return err_set(e, EX_UNAVAILABLE, "the server does not offer ETRN");
	(void)snprintf(line, sizeof line, "ETRN %s", node);
	if (smtp_dialogue_ask(&c->dialogue, line, SMTP_DIALOGUE_COMMAND, reply, e) != 0)
		return -1;
	if (smtp_reply_is(reply, 2))
		return 0;
	return smtp_client_refused(c, EXPLAIN_EHLO, reply, _("the server refuses ETRN"), e);
}
