/*
 * probe: see probe.h.
 */
#include <config.h>

#include <string.h>

#include "base/i18n.h"
#include "smtp/command.h"
#include "smtp/probe.h"

#include "base/banned.h"

enum { COMMAND_MAX = 4096 };

struct command {
	int (*write)(
	    struct buf *b, struct slice path, const struct smtp_params *params, struct err *e);
	enum explain_stage stage;
	const char *refused;
};

static const struct command mail = {
    smtp_command_mail, EXPLAIN_MAIL, N_("the server refuses the sender")};
static const struct command rcpt = {
    smtp_command_rcpt, EXPLAIN_RCPT, N_("the server refuses the recipient")};

/* Says COMMAND with ADDRESS. */
static int
ask(struct smtp_client *c, const struct command *command, const struct mail_address *address,
    const struct smtp_params *params, struct err *e)
{
	struct smtp_reply reply = SMTP_REPLY_INIT;
	struct buf path = BUF_INIT(COMMAND_MAX), line = BUF_INIT(COMMAND_MAX);
	int rc;

	mail_address_write(&path, address);
	rc = command->write(&line, buf_slice(&path), params, e);
	if (rc == 0) {
		buf_truncate(&line, line.len - strlen("\r\n"));
		rc = smtp_dialogue_ask(
		    &c->dialogue, buf_text(&line), SMTP_DIALOGUE_COMMAND, &reply, e);
	}
	if (rc == 0 && !smtp_reply_is(&reply, 2))
		rc = smtp_client_refused_address(
		    c, command->stage, &reply, _(command->refused), address, e);
	smtp_reply_reset(&reply);
	buf_free(&path);
	buf_free(&line);
	return rc;
}

/* Ends the transaction, whatever the server says to that: its answer is known by now. */
static void
reset(struct smtp_client *c)
{
	struct smtp_reply reply = SMTP_REPLY_INIT;
	struct err ignored;

	if (!c->dialogue.over)
		(void)smtp_dialogue_ask(
		    &c->dialogue, "RSET", SMTP_DIALOGUE_COMMAND, &reply, &ignored);
	smtp_reply_reset(&reply);
}

int
smtp_probe(struct smtp_client *c, const struct mail_address *sender,
    const struct mail_address *recipient, struct err *e)
{
	bool utf8 =
	    mail_address_is_utf8(sender) || (recipient != NULL && mail_address_is_utf8(recipient));
	const struct smtp_params params = {
	    .given =
		utf8 && (c->ehlo.extensions & SMTP_EHLO_SMTPUTF8) != 0 ? SMTP_PARAMS_SMTPUTF8 : 0};
	int rc = ask(c, &mail, sender, &params, e);

	if (rc != 0)
		return rc;
	if (recipient != NULL)
		rc = ask(c, &rcpt, recipient, &params, e);
	reset(c);
	return rc;
}
