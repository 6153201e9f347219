/*
 * delivery: see delivery.h.
 */
#include <config.h>

#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/delivery.h"
#include "app/ports.h"
#include "app/queue_flush.h"
#include "app/tell.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/path.h"
#include "conf/location.h"
#include "net/name.h"
#include "net/route.h"
#include "queue/spool.h"
#include "submit/handover.h"
#include "submit/keep.h"
#include "submit/outcome.h"
#include "submit/record.h"
#include "submit/send.h"

#include "base/banned.h"

enum { TEXT_MAX = 1 << 20 };

/* Options about the account that change the message or the log, and not where it goes: what waits
 * in the queue has them behind it. */
static const char *const spent[] = {"aliases", "set_from_header", "set_date_header",
    "set_msgid_header", "remove_bcc_headers", "undisclosed_recipients", "logfile", "syslog",
    "logfile_time_format", "log_format", "from", "from_full_name", "dsn_notify", "dsn_return",
    "auto_from", "maildomain", "add_missing_from_header", "add_missing_date_header", "keepbcc"};

/*
 * Where the runner finds the accounts file of ACCOUNT again, in OUT, which the caller frees; NULL
 * where it looks for it as ever. -1 where the file that was named is none that stays: a pipe.
 */
static int
find_file(const struct app_options *options, const struct conf_account *account, char **out,
    struct err *e)
{
	const char *said = conf_location_said(options->file);
	struct buf name = BUF_INIT(PATH_MAXIMUM);
	struct stat st;

	*out = NULL;
	if (said == NULL || submit_handover_is(account->name))
		return 0;
	path_expand(&name, str_slice(said));
	*out = realpath(buf_text(&name), NULL);
	buf_free(&name);
	if (*out != NULL && stat(*out, &st) == 0 && S_ISREG(st.st_mode))
		return 0;
	free(*out);
	*out = NULL;
	return err_set(e, EX_CONFIG, "the accounts file '%s' will not be there any more", said);
}

/* Would the runner find the same account, by its name alone? */
static bool
is_lasting(const struct app_options *options, const struct conf_account *account)
{
	struct err ignored;
	char *file = NULL;
	bool lasting;

	if (submit_handover_is(account->name))
		return true;
	lasting = account->name[0] != '\0' && find_file(options, account, &file, &ignored) == 0;
	free(file);
	for (size_t i = 0; lasting && i < options->override_count; i++) {
		lasting = false;
		for (size_t j = 0; !lasting && j < sizeof spent / sizeof spent[0]; j++)
			lasting = strcmp(options->overrides[i].keyword, spent[j]) == 0;
	}
	return lasting;
}

/* Has the caller a queue? One that he may not look into is somebody else's. */
static bool
has_queue(void)
{
	struct buf path = BUF_INIT(PATH_MAXIMUM);
	struct err ignored;
	bool exists = queue_spool_locate(&path, &ignored) == 0 &&
		      queue_spool_exists(buf_text(&path), &ignored) == 1;

	buf_free(&path);
	return exists;
}

enum conf_account_queue
app_delivery_queue(const struct app_options *options, const struct conf_account *account)
{
	enum conf_account_queue queue = account->queue;

	if (!is_lasting(options, account))
		return CONF_ACCOUNT_QUEUE_OFF;
	if (queue == CONF_ACCOUNT_QUEUE_AUTO)
		queue = has_queue() ? CONF_ACCOUNT_QUEUE_ON : CONF_ACCOUNT_QUEUE_OFF;
	if (queue == CONF_ACCOUNT_QUEUE_OFF)
		return queue;
	if (options->delivery == 'i')
		return CONF_ACCOUNT_QUEUE_ON;
	return options->delivery != '\0' ? CONF_ACCOUNT_QUEUE_ONLY : queue;
}

/*
 * Are those that were refused for good in ATTEMPT to be reported to the sender by mail, and can
 * they be? Not to nobody, and not where NOTIFY (RFC 3461) forbids it.
 */
static bool
is_mailed_back(const struct app_delivery *d, const struct submit_attempt *attempt)
{
	bool wanted = app_tell_mails(d->options) && attempt->refused > 0 &&
		      !mail_address_is_null(&d->envelope->sender);

	for (size_t i = 0; wanted && i < d->envelope->count; i++) {
		unsigned notify = d->envelope->recipients[i].notify;

		wanted = attempt->kinds[i] != QUEUE_EVENT_REFUSED || notify == 0 ||
			 (notify & MAIL_DSN_FAILURE) != 0;
	}
	return wanted;
}

static void
add_warning(struct buf *out, const struct err *e)
{
	buf_addf(out, _("imbuca: warning: %s\n"), e->msg);
	if (e->hint[0] != '\0')
		buf_addf(out, "imbuca: %s\n", e->hint);
}

static void
record(
    const struct app_delivery *d, const struct submit_send *send, bool failed, const struct err *e)
{
	const char *program = d->options->log_tag != NULL ? d->options->log_tag : "imbuca";
	struct buf text = BUF_INIT(TEXT_MAX);
	struct err warning = ERR_INIT;

	if (failed)
		submit_outcome_print(send, &text);
	if (submit_record_write(program, send, failed, e, &warning) != 0)
		add_warning(&text, &warning);
	if (send->unkept.ex != 0)
		add_warning(&text, &send->unkept);
	app_tell(d->options, buf_slice(&text));
	buf_free(&text);
}

/* Makes the queue where it is missing, and opens it. */
static int
open_queue(struct queue_spool *spool, struct err *e)
{
	struct buf path = BUF_INIT(PATH_MAXIMUM);
	int rc = queue_spool_locate(&path, e);

	if (rc == 0)
		rc = queue_spool_open_made(spool, buf_text(&path), e);
	buf_free(&path);
	return rc;
}

/*
 * Queues what ATTEMPT has left over, or all where it is NULL, and with MAILED those who were
 * refused, of whom the runner then tells the sender; the name comes out in ID.
 */
static int
keep(const struct app_delivery *d, const struct submit_attempt *attempt, bool mailed,
    char id[QUEUE_ID_SIZE], struct err *e)
{
	struct submit_keep keep = {
	    .account = d->account,
	    .envelope = d->envelope,
	    .message = d->message,
	    .attempt = attempt,
	    .refused = mailed,
	};
	struct queue_spool spool;
	char *accounts;
	int rc = find_file(d->options, d->account, &accounts, e);

	if (rc == 0)
		rc = open_queue(&spool, e);
	if (rc == 0) {
		keep.spool = &spool;
		keep.accounts = accounts;
		rc = submit_keep(&keep, e);
		queue_spool_close(&spool);
		(void)str_copy(id, QUEUE_ID_SIZE, str_slice(keep.id));
	}
	free(accounts);
	return rc;
}

/* Tells that the message waits as ID, as E says; or that the sender hears of it by mail. */
static void
tell_kept(const struct app_delivery *d, bool reports, const char *id, const struct err *e)
{
	struct buf line = BUF_INIT(TEXT_MAX);

	if (reports)
		buf_addf(&line, _("imbuca: a report to the sender is queued as %s\n"), id);
	else
		buf_addf(&line, _("imbuca: queued as %s: %s\n"), id, e->msg);
	app_tell(d->options, buf_slice(&line));
	buf_free(&line);
}

/* The message could not be sent, as E says, and what is left of it is queued. */
static int
keep_rest(const struct app_delivery *d, struct submit_send *send,
    const struct submit_attempt *attempt, struct err *e)
{
	bool mailed = is_mailed_back(d, attempt);
	bool silent = mailed && d->options->errors == 'e';
	char id[QUEUE_ID_SIZE];
	struct err why;

	if (keep(d, attempt, mailed, id, &why) != 0) {
		(void)err_prefix(e, "the message cannot be queued (%s)", why.msg);
		e->ex = why.ex;
		record(d, send, true, e);
		return -1;
	}
	send->queued = id;
	record(d, send, !silent, e);
	send->queued = NULL;
	if (silent)
		return 0;
	if (mailed || attempt->refused == 0)
		tell_kept(d, mailed, id, e);
	if (attempt->waiting == 0 || attempt->refused == 0)
		return attempt->waiting == 0 ? -1 : 0;
	return err_set(e, EX_NOUSER,
	    "the message went to %zu of %zu recipients; %zu refused for good, "
	    "%zu queued as %s",
	    attempt->sent, d->envelope->count, attempt->refused, attempt->waiting, id);
}

/* Is there no way to the server, so that trying would only take time? */
static bool
is_cut_off(const struct conf_account *account)
{
	const char *first = account->proxy_host != NULL ? account->proxy_host : account->host;

	return account->socket == NULL && !net_name_is_loopback(first) && !net_route_exists();
}

static int
fail_cut_off(struct err *e)
{
	(void)err_set(e, EX_TEMPFAIL, "this machine has no network");
	return err_failure(e, "no_route");
}

/* Sends it now. With QUEUES, queues what cannot be sent. */
static int
send_now(const struct app_delivery *d, bool queues, struct err *e)
{
	struct net_transcript transcript = {d->options->debug ? STDERR_FILENO : -1};
	struct submit_send send = {
	    .account = d->account,
	    .envelope = d->envelope,
	    .message = d->message,
	    .transcript = &transcript,
	    .waits = d->options->delivery == 'i',
	};
	struct submit_attempt attempt = {.events = NULL};
	struct err failure;
	int sent, rc;

	if (queues && is_cut_off(d->account))
		sent = fail_cut_off(e);
	else
		sent = submit_send_run(&send, e);
	if (queues)
		queues =
		    submit_attempt_make(&attempt, &send, sent, e, NULL, 0, "", &failure) == 0 &&
		    (submit_keep_helps(&attempt, e) || is_mailed_back(d, &attempt));
	rc = submit_outcome_judge(&send, sent, e);
	if (rc != 0 && queues)
		rc = keep_rest(d, &send, &attempt, e);
	else
		record(d, &send, rc != 0, e);
	if (rc != 0)
		app_ports_advise(d->account, e);
	submit_attempt_free(&attempt);
	submit_send_free(&send);
	return rc;
}

/* Queues it, for the runner; with -odb that is at once. */
static int
queue_all(const struct app_delivery *d, struct err *e)
{
	struct submit_send send = {
	    .account = d->account, .envelope = d->envelope, .message = d->message};
	char id[QUEUE_ID_SIZE];

	if (keep(d, NULL, false, id, e) != 0)
		return err_prefix(e, "the message cannot be queued");
	send.queued = id;
	record(d, &send, false, e);
	if (d->options->delivery == 'b')
		(void)app_queue_flush_behind(d->options, id);
	return 0;
}

int
app_delivery_run(const struct app_delivery *d, struct err *e)
{
	enum conf_account_queue queue = app_delivery_queue(d->options, d->account);

	if (queue == CONF_ACCOUNT_QUEUE_ONLY)
		return queue_all(d, e);
	return send_now(d, queue == CONF_ACCOUNT_QUEUE_ON, e);
}
