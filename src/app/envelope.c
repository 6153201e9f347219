/*
 * envelope: see envelope.h.
 */
#include <config.h>

#include "app/envelope.h"

#include "base/banned.h"

/* E is about names that are no addresses: the message goes to the others all the same. */
static int
set_aside(struct app_submission *s, struct err *e)
{
	if (e->ex != EX_DATAERR)
		return -1;
	app_submission_note(s, e);
	return 0;
}

static int
add_operand(struct app_submission *s, size_t index, struct err *e)
{
	struct mail_address_list list = {NULL, 0};
	int rc = mail_address_parse_list(&list, str_slice(s->options->operands[index]), e);

	if (rc == 0)
		rc = mail_envelope_add_list(&s->envelope, &list, e);
	else
		(void)err_prefix(e, "recipient %zu of the command line", index + 1);
	mail_address_list_free(&list);
	return rc;
}

static int
fail_without_recipients(const struct app_submission *s, struct err *e)
{
	if (app_submission_conclude(s, e) != 0)
		return -1;
	if (s->options->read_recipients)
		return err_set(e, EX_USAGE, "the header names no recipient in To, Cc or Bcc");
	(void)err_set(e, EX_USAGE, "no recipients");
	return err_hint(e, "name them as operands, or take them from the header with -t");
}

/* The recipients: operands, and with -t those of the header. */
static int
read_recipients(struct app_submission *s, struct err *e)
{
	const struct app_options *options = s->options;

	for (size_t i = 0; i < options->operand_count; i++) {
		if (add_operand(s, i, e) != 0 && set_aside(s, e) != 0)
			return -1;
	}
	if (s->message != NULL && options->read_recipients &&
	    mail_message_recipients(s->message, &s->envelope, e) != 0 && set_aside(s, e) != 0)
		return -1;
	return s->envelope.count > 0 ? 0 : fail_without_recipients(s, e);
}

/* The name that -V gives the envelope. */
static int
read_envid(struct app_submission *s, struct err *e)
{
	const char *envid = s->options->envid;

	if (envid == NULL || mail_dsn_parse_envid(str_slice(envid), s->envelope.envid))
		return 0;
	(void)err_set(e, EX_USAGE, "option -V: '%s' is no envelope identifier", envid);
	return err_hint(e, "1 to 100 printable characters; +2B for a '+', +3D for a '=', "
			   "+20 for a blank");
}

/* The sender of -f. */
static int
read_sender(struct app_submission *s, struct err *e)
{
	const char *sender = s->options->sender;

	if (sender == NULL)
		return 0;
	if (mail_address_parse(&s->given, str_slice(sender[0] != '\0' ? sender : "<>"), e) != 0)
		return err_prefix(e, "the sender of -f");
	return 0;
}

int
app_envelope_read(struct app_submission *s, struct err *e)
{
	if (read_envid(s, e) != 0 || read_recipients(s, e) != 0)
		return -1;
	return read_sender(s, e);
}
