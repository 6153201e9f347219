/*
 * send: see send.h.
 */
#include <config.h>

#include <inttypes.h>
#include <unistd.h>

#include "app/account.h"
#include "app/send.h"
#include "base/file.h"
#include "deliver/aliases.h"
#include "net/name.h"
#include "submit/complete.h"
#include "submit/identity.h"
#include "submit/outcome.h"
#include "submit/record.h"
#include "submit/send.h"

#include "base/banned.h"

enum { TEXT_MAX = 1 << 20 };

/* All that one run works with; everything in it is its own but the options. */
struct job {
	const struct app_options *options;
	struct mail_message *message;
	struct mail_envelope envelope;
	struct mail_address given;   /* of -f; local NULL without */
	struct mail_address written; /* of the header's From; local NULL without */
	struct app_account account;
	struct buf domain; /* for names without one */
};

static const struct mail_address *
if_set(const struct mail_address *address)
{
	return address->local != NULL ? address : NULL;
}

/* The recipients: operands, and with -t those of the header. */
static int
read_recipients(struct job *job, struct err *e)
{
	const struct app_options *options = job->options;
	struct mail_address_list list = {NULL, 0, 0};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < options->operand_count; i++) {
		rc = mail_address_parse_list(&list, str_slice(options->operands[i]), e);
		if (rc != 0)
			(void)err_prefix(e, "recipient %zu of the command line", i + 1);
	}
	if (rc == 0)
		rc = mail_envelope_add_list(&job->envelope, &list, e);
	mail_address_list_free(&list);
	if (rc == 0 && options->read_recipients)
		rc = mail_message_recipients(job->message, &job->envelope, e);
	if (rc != 0 || job->envelope.count > 0)
		return rc;
	if (options->read_recipients)
		return err_set(e, EX_USAGE, "the header names no recipient in To, Cc or Bcc");
	(void)err_set(e, EX_USAGE, "no recipients");
	return err_hint(e, "name them as operands, or take them from the header with -t");
}

/* The senders: of -f, and of the header's From (the first address; what cannot be read is none). */
static int
read_senders(struct job *job, struct err *e)
{
	struct slice from = mail_message_field(job->message, "From");
	struct mail_address_list list = {NULL, 0, 0};
	struct err ignored;
	int rc = 0;

	if (job->options->sender != NULL) {
		rc = job->options->sender[0] != '\0'
			 ? mail_address_parse(&job->given, str_slice(job->options->sender), e)
			 : mail_address_parse(&job->given, str_slice("<>"), e);
		if (rc != 0)
			(void)err_prefix(e, "the sender of -f");
	}
	if (rc == 0 && from.ptr != NULL && mail_address_parse_list(&list, from, &ignored) == 0 &&
	    list.count > 0)
		rc = mail_address_copy(&job->written, &list.at[0], e);
	mail_address_list_free(&list);
	if (rc == 0 && job->options->read_from && job->options->sender == NULL &&
	    job->written.local != NULL)
		rc = mail_address_copy(&job->given, &job->written, e);
	return rc;
}

static int
apply_aliases(struct job *job, struct err *e)
{
	struct deliver_aliases *aliases;
	int rc = deliver_aliases_load(job->account.account->aliases, &aliases, e);

	if (rc != 0)
		return rc;
	rc = deliver_aliases_apply(aliases, &job->envelope, e);
	deliver_aliases_free(aliases);
	return rc;
}

/* Gives every name without a domain the domain. */
static int
qualify(struct job *job, struct err *e)
{
	const char *domain = buf_text(&job->domain);

	for (size_t i = 0; i < job->envelope.count; i++) {
		struct mail_address *address = &job->envelope.recipients[i].address;

		if (submit_identity_qualify(address, domain, e) != 0)
			return -1;
	}
	if (job->given.local != NULL && submit_identity_qualify(&job->given, domain, e) != 0)
		return -1;
	return job->written.local != NULL ? submit_identity_qualify(&job->written, domain, e) : 0;
}

/* Makes envelope and message what the account will send. */
static int
complete(struct job *job, struct err *e)
{
	const struct conf_account *account = job->account.account;
	uint64_t bare_crs = mail_message_facts(job->message).bare_crs;
	struct mail_address sender = {NULL, NULL, NULL};
	const char *domain;
	int rc;

	if (account->bare_cr == CONF_ACCOUNT_BARE_CR_REFUSE && bare_crs > 0)
		return err_set(e, EX_DATAERR,
		    "the message has %" PRIu64 " CRs without a LF, which the account refuses",
		    bare_crs);
	if (account->aliases != NULL && apply_aliases(job, e) != 0)
		return -1;
	submit_identity_domain(&job->domain, account->domain);
	domain = buf_text(&job->domain);
	if (qualify(job, e) != 0)
		return -1;
	rc = submit_complete_sender(
	    account, if_set(&job->given), if_set(&job->written), domain, &sender, e);
	if (rc == 0)
		rc = mail_envelope_set_sender(&job->envelope, &sender, e);
	if (rc == 0)
		rc = submit_complete_header(
		    job->message, account, &sender, job->options->full_name, domain, e);
	mail_address_free(&sender);
	return rc;
}

/* For -P. */
static int
pretend(const struct job *job, struct err *e)
{
	const struct conf_account *account = job->account.account;
	const char *way = account->tls_starttls ? "STARTTLS" : "TLS";
	struct buf out = BUF_INIT(2 * TEXT_MAX);
	int rc;

	buf_addf(&out, "account %s\nserver %s port %u %s\nlogin %s\nsender <", account->name,
	    account->host, account->port, account->tls ? way : "plain text",
	    conf_account_logs_in(account) ? account->user : "none");
	mail_address_write(&out, &job->envelope.sender);
	buf_adds(&out, ">\n");
	for (size_t i = 0; i < job->envelope.count; i++) {
		buf_adds(&out, "recipient <");
		mail_address_write(&out, &job->envelope.recipients[i].address);
		buf_adds(&out, ">\n");
	}
	buf_addf(&out, "size %" PRIu64 "\n\n", mail_message_facts(job->message).size);
	buf_add_slice(&out, mail_message_header(job->message));
	rc = file_write(STDOUT_FILENO, "standard output", out.data, out.len, e);
	buf_free(&out);
	return rc;
}

/* Writes TEXT to standard error; that it cannot be read there stops nothing. */
static void
tell(struct slice text)
{
	struct err ignored;

	(void)file_write(STDERR_FILENO, "standard error", text.ptr, text.len, &ignored);
}

static void
record(const struct submit_send *send, bool failed, const struct err *e)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	struct err warning = ERR_INIT;

	if (failed)
		submit_outcome_print(send, &text);
	if (submit_record_write(send, failed, e, &warning) != 0)
		buf_addf(&text, "imbuca: warning: %s\n", warning.msg);
	tell(buf_slice(&text));
	buf_free(&text);
}

/* Sends the completed message. */
static int
deliver(struct job *job, struct err *e)
{
	struct net_transcript transcript = {job->options->debug ? STDERR_FILENO : -1};
	struct submit_send send = {
	    .account = job->account.account,
	    .envelope = &job->envelope,
	    .message = job->message,
	    .transcript = &transcript,
	};
	int rc = submit_outcome_judge(&send, submit_send_run(&send, e), e);

	record(&send, rc != 0, e);
	submit_send_free(&send);
	return rc;
}

static int
run(struct job *job, struct err *e)
{
	const struct mail_message_options reading = {.dot_ends = !job->options->ignore_dots};
	const struct mail_address *sender;

	job->message = mail_message_read(STDIN_FILENO, &reading, e);
	if (job->message == NULL || read_recipients(job, e) != 0 || read_senders(job, e) != 0)
		return -1;
	sender = job->given.local != NULL && !mail_address_is_null(&job->given)
		     ? &job->given
		     : if_set(&job->written);
	if (app_account_find(&job->account, job->options, NULL, sender, e) != 0)
		return -1;
	if (job->options->pretend || job->options->debug)
		app_account_warn(&job->account);
	if (complete(job, e) != 0)
		return -1;
	return job->options->pretend ? pretend(job, e) : deliver(job, e);
}

int
app_send_run(const struct app_options *options, struct err *e)
{
	struct job job = {.options = options, .domain = BUF_INIT(NET_NAME_SIZE)};
	int rc = run(&job, e);

	app_account_free(&job.account);
	mail_message_free(job.message);
	mail_envelope_free(&job.envelope);
	mail_address_free(&job.given);
	mail_address_free(&job.written);
	buf_free(&job.domain);
	return rc;
}
