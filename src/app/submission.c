/*
 * submission: see submission.h.
 */
#include <config.h>

#include <inttypes.h>
#include <unistd.h>

#include "app/delivery.h"
#include "app/failure.h"
#include "app/submission.h"
#include "app/tell.h"
#include "submit/complete.h"
#include "submit/handover.h"
#include "submit/identity.h"
#include "submit/sender_rule.h"

#include "base/banned.h"

enum { TEXT_MAX = 64 << 10 };

/* --- what befell some --- */

void
app_submission_note(struct app_submission *s, const struct err *e)
{
	struct buf line = BUF_INIT(sizeof e->msg + 64);

	if (s->failed.ex == 0) {
		s->failed = *e;
		return;
	}
	if (e->ex == EX_TEMPFAIL)
		s->failed.ex = EX_TEMPFAIL;
	buf_addf(&line, "imbuca: %s\n", e->msg);
	app_tell(s->options, buf_slice(&line));
	buf_free(&line);
}

int
app_submission_conclude(const struct app_submission *s, struct err *e)
{
	if (s->failed.ex == 0)
		return 0;
	*e = s->failed;
	return -1;
}

/* --- the account and the recipients --- */

static const struct mail_address *
if_set(const struct mail_address *address)
{
	return address->local != NULL ? address : NULL;
}

/* The header's From: its first address; what cannot be read is none. */
static int
read_from(const struct app_submission *s, struct mail_address *out, struct err *e)
{
	struct slice from =
	    s->message != NULL ? mail_message_field(s->message, "From") : (struct slice){NULL, 0};
	struct mail_address_list list = {NULL, 0};
	struct err ignored;
	int rc = 0;

	if (from.ptr != NULL && mail_address_parse_list(&list, from, &ignored) == 0 &&
	    list.count > 0)
		rc = mail_address_copy(out, &list.at[0], e);
	mail_address_list_free(&list);
	return rc;
}

static int
read_written(struct app_submission *s, struct err *e)
{
	int rc = read_from(s, &s->written, e);

	if (rc == 0 && s->options->read_from && s->given.local == NULL && s->written.local != NULL)
		rc = mail_address_copy(&s->given, &s->written, e);
	return rc;
}

/*
 * Makes the account of imbucad; what the caller's own says of the queue holds for it too. Returns 1
 * where imbucad answers, or its mail waits for it in the queue; else 0; -1.
 */
static int
reach_daemon(struct app_submission *s, struct err *e)
{
	const struct conf_account *own = s->account.account;

	s->daemon = submit_handover_account(e);
	if (s->daemon == NULL)
		return -1;
	if (own != NULL) {
		s->daemon->queue = own->queue;
		s->daemon->queue_lifetime = own->queue_lifetime;
		s->daemon->queue_warning = own->queue_warning;
	}
	return !s->absent || app_delivery_queue(s->options, s->daemon) != CONF_ACCOUNT_QUEUE_OFF;
}

/* May this user not connect to imbucad? What the administrator mends can be sent then. */
static bool
is_denied(struct err *e)
{
	if (submit_handover_allowed(e) == 0)
		return false;
	e->ex = EX_TEMPFAIL;
	return true;
}

static int
does_not_answer(struct err *e)
{
	(void)err_set(e, EX_TEMPFAIL,
	    "there is no accounts file that this user may read, and imbucad, which would take the "
	    "message, does not answer at '%s'",
	    submit_handover_socket());
	return err_hint(e,
	    "let the administrator start it; with systemd: systemctl enable --now imbucad.socket");
}

/*
 * There is no accounts file for this user: imbucad takes all as it is, if it is there, or when it
 * is. That it belongs here is told by its socket, which it removes as it ends, and by an accounts
 * file that is kept from users.
 */
static int
hand_over(struct app_submission *s, struct err *e)
{
	struct err why;
	int rc;

	if (!s->account.missing || s->options->account != NULL)
		return -1;
	s->absent = !submit_handover_answers();
	rc = reach_daemon(s, &why);
	if (rc == 0 && is_denied(&why))
		rc = -1;
	else if (rc == 0 && (s->account.withheld || access(submit_handover_socket(), F_OK) == 0))
		rc = does_not_answer(&why);
	if (rc < 0)
		*e = why;
	if (rc <= 0)
		return -1;
	s->route.local = s->envelope;
	s->envelope = (struct mail_envelope){.recipients = NULL};
	return 0;
}

/* Nobody here takes mail for the names of this machine. */
static void
strand(struct app_submission *s)
{
	const struct mail_envelope *local = &s->route.local;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < local->count; i++) {
		if (!is_denied(&e))
			(void)submit_route_strand(&s->route, &local->recipients[i].address, &e);
		app_submission_note(s, &e);
	}
	mail_envelope_free(&s->route.local);
}

static int
split(struct app_submission *s, struct err *e)
{
	const struct conf_account *account = s->account.account;
	int rc;

	if (submit_complete_reports(&s->envelope, account, buf_text(&s->domain), e) != 0 ||
	    submit_route_split(account, !s->options->no_aliases, &s->envelope, &s->route, e) != 0)
		return -1;
	if (s->route.local.count == 0)
		return 0;
	s->absent = !submit_handover_answers();
	if (s->absent && (rc = submit_route_default(account, &s->route, e)) != 0)
		return rc < 0 ? -1 : 0;
	rc = reach_daemon(s, e);
	if (rc == 0)
		strand(s);
	return rc < 0 ? -1 : 0;
}

int
app_submission_route(struct app_submission *s, struct err *e)
{
	const struct mail_address *sender;

	if (read_written(s, e) != 0)
		return -1;
	sender = s->given.local != NULL && !mail_address_is_null(&s->given) ? &s->given
									    : if_set(&s->written);
	if (app_account_find(&s->account, s->options, NULL, sender, e) != 0) {
		submit_identity_domain(&s->domain, NULL);
		return hand_over(s, e);
	}
	if (s->options->pretend || s->options->debug)
		app_account_warn(&s->account);
	submit_identity_domain(&s->domain, s->account.account->domain);
	if (split(s, e) != 0)
		return -1;
	return s->route.remote.count + s->route.local.count > 0 ? 0 : app_submission_conclude(s, e);
}

/* --- the header and the senders --- */

static int
check_bare_crs(const struct app_submission *s, const struct conf_account *account, struct err *e)
{
	uint64_t bare_crs = mail_message_facts(s->message).bare_crs;

	if (account->bare_cr == CONF_ACCOUNT_BARE_CR_REFUSE && bare_crs > 0)
		return err_set(e, EX_DATAERR,
		    "the message has %" PRIu64 " CRs without a LF, which the account refuses",
		    bare_crs);
	return 0;
}

/* Sets the sender of ENVELOPE, for ACCOUNT's server. */
static int
set_sender(struct app_submission *s, const struct conf_account *account,
    struct mail_envelope *envelope, struct err *e)
{
	struct mail_address sender = {NULL, NULL, NULL};
	int rc = submit_complete_sender(
	    account, if_set(&s->given), if_set(&s->written), buf_text(&s->domain), &sender, e);

	if (rc == 0)
		rc = mail_envelope_set_sender(envelope, &sender, e);
	mail_address_free(&sender);
	return rc;
}

int
app_submission_complete(struct app_submission *s, struct err *e)
{
	const struct conf_account *account =
	    s->account.account != NULL ? s->account.account : s->daemon;
	bool remote = s->account.account != NULL;

	if (check_bare_crs(s, account, e) != 0 ||
	    (s->daemon != NULL && set_sender(s, s->daemon, &s->route.local, e) != 0) ||
	    (remote && set_sender(s, account, &s->route.remote, e) != 0))
		return -1;
	if (s->options->gateway)
		return 0;
	s->header = (struct submit_header){
	    .account = account,
	    .sender = remote ? &s->route.remote.sender : &s->route.local.sender,
	    .name = s->options->full_name,
	    .domain = buf_text(&s->domain),
	    .shared = s->account.shared,
	};
	return submit_header_complete(&s->header, s->message, e);
}

/* Will the provider take both senders, that of the envelope and the header's? */
static int
check_senders(const struct app_submission *s, struct err *e)
{
	const struct conf_account *account = s->account.account;
	struct mail_address from = {NULL, NULL, NULL};
	struct buf warnings = BUF_INIT(TEXT_MAX);
	int rc = read_from(s, &from, e);

	if (rc == 0)
		rc = submit_sender_rule_check(account, &s->route.remote.sender, &warnings, e);
	if (rc == 0 && from.local != NULL && from.domain[0] != '\0' &&
	    !mail_address_equal(&from, &s->route.remote.sender))
		rc = submit_sender_rule_check(account, &from, &warnings, e);
	if (rc == 0)
		app_tell(s->options, buf_slice(&warnings));
	buf_free(&warnings);
	mail_address_free(&from);
	return rc;
}

int
app_submission_adapt(struct app_submission *s, struct err *e)
{
	if (s->route.remote.count == 0)
		return 0;
	if (!s->options->gateway && submit_header_adapt(&s->header, s->message, e) != 0)
		return -1;
	return check_senders(s, e);
}

/* --- sending --- */

/* Sends or queues the message for those of ENVELOPE by ACCOUNT, and notes what befalls them. */
static void
send_to(struct app_submission *s, const struct conf_account *account,
    const struct mail_envelope *envelope)
{
	const struct app_delivery delivery = {
	    .options = s->options,
	    .account = account,
	    .envelope = envelope,
	    .message = s->message,
	};
	struct err e = ERR_INIT;

	if (app_delivery_run(&delivery, &e) != 0) {
		(void)app_failure_explain(account, &e);
		app_submission_note(s, &e);
	}
}

int
app_submission_send(struct app_submission *s, struct err *e)
{
	if (s->route.local.count > 0)
		send_to(s, s->daemon, &s->route.local);
	if (s->route.remote.count > 0) {
		if (app_submission_adapt(s, e) != 0)
			return -1;
		send_to(s, s->account.account, &s->route.remote);
	}
	return app_submission_conclude(s, e);
}

void
app_submission_free(struct app_submission *s)
{
	app_account_free(&s->account);
	conf_account_free(s->daemon);
	mail_message_free(s->message);
	mail_envelope_free(&s->envelope);
	mail_address_free(&s->given);
	mail_address_free(&s->written);
	submit_route_free(&s->route);
	submit_header_free(&s->header);
	buf_free(&s->domain);
}
