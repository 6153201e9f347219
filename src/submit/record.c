/*
 * record: see record.h.
 */
#include <config.h>

#include <syslog.h>

#include "base/log.h"
#include "submit/outcome.h"
#include "submit/record.h"

#include "base/banned.h"

/* The name of an exit code, as msmtp logs it. */
static const char *
exit_name(int ex)
{
	static const struct {
		int ex;
		const char *name;
	} names[] = {
	    {EX_OK, "EX_OK"},
	    {EX_USAGE, "EX_USAGE"},
	    {EX_DATAERR, "EX_DATAERR"},
	    {EX_NOINPUT, "EX_NOINPUT"},
	    {EX_NOUSER, "EX_NOUSER"},
	    {EX_NOHOST, "EX_NOHOST"},
	    {EX_UNAVAILABLE, "EX_UNAVAILABLE"},
	    {EX_SOFTWARE, "EX_SOFTWARE"},
	    {EX_OSERR, "EX_OSERR"},
	    {EX_CANTCREAT, "EX_CANTCREAT"},
	    {EX_IOERR, "EX_IOERR"},
	    {EX_TEMPFAIL, "EX_TEMPFAIL"},
	    {EX_PROTOCOL, "EX_PROTOCOL"},
	    {EX_NOPERM, "EX_NOPERM"},
	    {EX_CONFIG, "EX_CONFIG"},
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (names[i].ex == ex)
			return names[i].name;
	}
	return "EX_OTHER";
}

static const char *
on_off(bool on)
{
	return on ? "on" : "off";
}

static void
add_account(struct log_line *line, const struct submit_send *s)
{
	const struct conf_account *account = s->account;

	log_add_text(line, "account", account->name);
	log_add_text(line, "host", account->host);
	log_add_number(line, "port", account->port);
	log_add_text(line, "peer", s->peer.address[0] != '\0' ? s->peer.address : NULL);
	log_add_text(line, "tls", on_off(account->tls));
	log_add_text(line, "tlsversion", s->tls[0] != '\0' ? s->tls : NULL);
	log_add_text(line, "auth", on_off(conf_account_logs_in(account)));
	if (conf_account_logs_in(account))
		log_add_text(line, "user", account->user);
}

static void
add_message(struct log_line *line, const struct submit_send *s)
{
	struct mail_message_facts facts = mail_message_facts(s->message);
	const struct mail_address *sender =
	    s->own.count > 0 ? &s->own.sender : &s->envelope->sender;
	struct buf text = BUF_INIT(LOG_LINE_MAXIMUM);

	mail_address_write(&text, sender);
	log_add_text(line, "from", buf_text(&text));
	buf_reset(&text);
	for (size_t i = 0; i < s->envelope->count; i++) {
		if (i > 0)
			buf_addc(&text, ',');
		mail_address_write(&text, &s->envelope->recipients[i].address);
	}
	log_add_text(line, "recipients", buf_text(&text));
	if (text.len > LOG_VALUE_MAXIMUM)
		log_add_number(line, "recipientcount", (int64_t)s->envelope->count);
	buf_free(&text);
	log_add(line, "messageid", mail_message_field(s->message, "Message-ID"));
	log_add_text(line, "queue", s->queued);
	log_add_number(line, "mailsize", (int64_t)facts.size);
	if (facts.bare_crs > 0)
		log_add_number(line, "barecrs", (int64_t)facts.bare_crs);
	if (facts.encoded)
		log_add_text(line, "encoded", "quoted-printable");
	if (facts.longest_body_line > MAIL_MESSAGE_LINE_MAX)
		log_add_number(line, "longestline", (int64_t)facts.longest_body_line);
}

static void
add_outcome(struct log_line *line, const struct submit_send *s, bool failed, const struct err *e)
{
	const struct smtp_reply *end = &s->transaction.end;
	struct buf text = BUF_INIT(LOG_LINE_MAXIMUM);
	int code = end->code != 0 ? end->code : e->code;

	if (code != 0)
		log_add_number(line, "smtpstatus", code);
	if (end->code != 0) {
		smtp_reply_print(end, &text);
		log_add_text(line, "smtpmsg", buf_text(&text));
	}
	if (failed)
		log_add_text(line, "errormsg", e->msg);
	buf_reset(&text);
	submit_outcome_print(s, &text);
	if (text.len > 0)
		log_add(line, "refused", str_trim(buf_slice(&text)));
	buf_free(&text);
	log_add_number(line, "duration", s->duration);
	log_add_text(line, "exitcode", exit_name(failed ? e->ex : EX_OK));
}

static void
compose(struct log_line *line, const struct submit_send *s, bool failed, const struct err *e)
{
	add_account(line, s);
	add_message(line, s);
	add_outcome(line, s, failed, e);
}

/* To the journal, each key a field of its own; where there is none, to the syslog. */
static void
write_journal(const char *program, const struct log_line *line, const struct submit_send *s,
    bool failed, const struct err *e)
{
	struct log_line fields = LOG_LINE_INIT;

	fields.format = LOG_FORMAT_JOURNAL;
	compose(&fields, s, failed, e);
	if (!log_to_journal(LOG_JOURNAL, line, &fields, program, LOG_MAIL, failed))
		log_to_syslog(line, program, LOG_MAIL, failed);
	log_free(&fields);
}

int
submit_record_write(const char *program, const struct submit_send *s, bool failed,
    const struct err *e, struct err *warning)
{
	const struct conf_account *account = s->account;
	struct log_line line = LOG_LINE_INIT;
	int rc = 0;

	line.format = account->log_format;
	line.time_format = account->logfile_time_format;
	compose(&line, s, failed, e);
	if (account->syslog == CONF_ACCOUNT_SYSLOG_JOURNAL)
		write_journal(program, &line, s, failed, e);
	else if (account->syslog != CONF_ACCOUNT_SYSLOG_OFF)
		log_to_syslog(&line, program, account->syslog, failed);
	if (account->logfile != NULL)
		rc = log_to_file(&line, account->logfile, warning);
	log_free(&line);
	return rc;
}
