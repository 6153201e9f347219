/*
 * declare: see declare.h.
 */
#include <config.h>

#include <inttypes.h>

#include "smtp/declare.h"

#include "base/banned.h"

int
smtp_declare_check(const struct smtp_client *c, const struct smtp_transaction *t, struct err *e)
{
	uint64_t size = mail_message_facts(t->message).size;
	uint64_t limit = c->ehlo.size;

	if (limit == 0 || size <= limit)
		return 0;
	(void)err_set(e, EX_DATAERR,
	    "the message has %" PRIu64 " bytes, and the server takes %" PRIu64, size, limit);
	return err_hint(e, "send less, or a link to it");
}

static bool
has_utf8_local(const struct mail_address *address)
{
	return str_has_8bit(str_slice(address->local));
}

/*
 * Is there anything that only SMTPUTF8 can carry (RFC 6531)? A domain is not: it has its A-label.
 * Nor is a header in another charset, for which there is no right way at all.
 */
static bool
needs_utf8(const struct smtp_transaction *t)
{
	struct slice header = mail_message_header(t->message);
	bool needed =
	    has_utf8_local(&t->envelope->sender) || (str_has_8bit(header) && str_is_utf8(header));

	for (size_t i = 0; i < t->envelope->count; i++)
		needed = needed || has_utf8_local(&t->envelope->recipients[i].address);
	return needed;
}

bool
smtp_declare_is_in_vain(const struct smtp_client *c, const struct smtp_transaction *t)
{
	const struct mail_envelope *envelope = t->envelope;
	bool asked = envelope->ret != MAIL_DSN_RET_UNSAID || envelope->envid[0] != '\0';

	for (size_t i = 0; i < envelope->count; i++)
		asked = asked || envelope->recipients[i].notify != 0;
	return asked && (c->ehlo.extensions & SMTP_EHLO_DSN) == 0;
}

void
smtp_declare_params(
    const struct smtp_client *c, const struct smtp_transaction *t, struct smtp_params *p)
{
	struct mail_message_facts facts = mail_message_facts(t->message);
	const struct mail_envelope *envelope = t->envelope;
	const struct {
		unsigned param, extension;
		bool wanted;
	} rows[] = {
	    {SMTP_PARAMS_SIZE, SMTP_EHLO_SIZE, true},
	    {SMTP_PARAMS_BODY, SMTP_EHLO_8BITMIME, facts.body_8bit || facts.header_8bit},
	    {SMTP_PARAMS_SMTPUTF8, SMTP_EHLO_SMTPUTF8, needs_utf8(t)},
	    {SMTP_PARAMS_RET, SMTP_EHLO_DSN, envelope->ret != MAIL_DSN_RET_UNSAID},
	    {SMTP_PARAMS_ENVID, SMTP_EHLO_DSN, envelope->envid[0] != '\0'},
	    {SMTP_PARAMS_XWAIT, SMTP_EHLO_XWAIT, t->waits},
	};

	*p = (struct smtp_params){.size = facts.size};
	p->body = SMTP_PARAMS_8BITMIME;
	p->ret = envelope->ret;
	(void)str_copy(p->envid, sizeof p->envid, str_slice(envelope->envid));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].wanted && (c->ehlo.extensions & rows[i].extension) != 0)
			p->given |= rows[i].param;
	}
}
