/*
 * tell: see tell.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "conf/account_from.h"
#include "net/name.h"
#include "queue/standing.h"
#include "queue/text.h"
#include "submit/attempt.h"
#include "submit/bounce.h"
#include "submit/handover.h"
#include "submit/identity.h"
#include "submit/keep.h"
#include "submit/tell.h"

#include "base/banned.h"

/* Something that a sender is told. */
struct topic {
	unsigned told;	 /* the bit that remembers it */
	unsigned notify; /* the bit of NOTIFY that wants it */
	bool unasked;	 /* told too where NOTIFY says nothing */
	enum submit_bounce_kind kind;
	bool (*concerns)(const struct queue_entry *entry, const struct conf_account *account,
	    size_t index, int64_t now);
};

static bool
is_waiting(const struct queue_entry *entry, size_t index)
{
	return entry->history.recipients[index].state == QUEUE_STATE_WAITING;
}

static bool
is_refused(
    const struct queue_entry *entry, const struct conf_account *account, size_t index, int64_t now)
{
	(void)account;
	(void)now;
	return entry->history.recipients[index].state == QUEUE_STATE_REFUSED;
}

static bool
is_late(
    const struct queue_entry *entry, const struct conf_account *account, size_t index, int64_t now)
{
	return is_waiting(entry, index) && account->queue_warning > 0 &&
	       entry->envelope.time + (int64_t)account->queue_warning <= now;
}

static bool
is_to_be_mended(
    const struct queue_entry *entry, const struct conf_account *account, size_t index, int64_t now)
{
	(void)account;
	(void)now;
	return is_waiting(entry, index) && strcmp(entry->history.end.word, "fix") == 0;
}

static bool
is_sent_as(const struct queue_entry *entry, size_t index, const char *word)
{
	return entry->history.recipients[index].state == QUEUE_STATE_SENT &&
	       strcmp(entry->history.recipients[index].last.word, word) == 0;
}

static bool
is_relayed(
    const struct queue_entry *entry, const struct conf_account *account, size_t index, int64_t now)
{
	(void)account;
	(void)now;
	return is_sent_as(entry, index, SUBMIT_ATTEMPT_RELAYED);
}

static bool
is_delivered(
    const struct queue_entry *entry, const struct conf_account *account, size_t index, int64_t now)
{
	(void)account;
	(void)now;
	return is_sent_as(entry, index, SUBMIT_ATTEMPT_DELIVERED);
}

static const struct topic topics[] = {
    {QUEUE_TOLD_FAILURE, MAIL_DSN_FAILURE, true, SUBMIT_BOUNCE_FAILURE, is_refused},
    {QUEUE_TOLD_FIX, MAIL_DSN_DELAY, true, SUBMIT_BOUNCE_DELAY, is_to_be_mended},
    {QUEUE_TOLD_DELAY, MAIL_DSN_DELAY, true, SUBMIT_BOUNCE_DELAY, is_late},
    {QUEUE_TOLD_SUCCESS, MAIL_DSN_SUCCESS, false, SUBMIT_BOUNCE_RELAYED, is_relayed},
    {QUEUE_TOLD_SUCCESS, MAIL_DSN_SUCCESS, false, SUBMIT_BOUNCE_DELIVERED, is_delivered},
};

enum { TOPICS = sizeof topics / sizeof topics[0] };

/* Is recipient INDEX still to be told of? */
static bool
is_untold(const struct queue_entry *entry, const struct conf_account *account,
    const struct topic *topic, size_t index, int64_t now)
{
	return (entry->history.recipients[index].told & topic->told) == 0 &&
	       topic->concerns(entry, account, index, now);
}

/* Does the sender want to be told of recipient INDEX? */
static bool
is_wanted(const struct queue_entry *entry, const struct topic *topic, size_t index)
{
	unsigned notify = entry->envelope.mail.recipients[index].notify;

	if (mail_address_is_null(&entry->envelope.mail.sender))
		return false;
	return notify == 0 ? topic->unasked : (notify & topic->notify) != 0;
}

static bool
is_expired(const struct queue_entry *entry, const struct conf_account *account, int64_t now)
{
	return account->queue_lifetime > 0 &&
	       entry->envelope.time + (int64_t)account->queue_lifetime <= now &&
	       queue_history_count(&entry->history, QUEUE_STATE_WAITING) > 0;
}

bool
submit_tell_wants_success(const struct queue_entry *entry)
{
	for (size_t i = 0; i < entry->envelope.mail.count; i++) {
		if ((entry->envelope.mail.recipients[i].notify & MAIL_DSN_SUCCESS) != 0)
			return true;
	}
	return false;
}

bool
submit_tell_is_due(const struct queue_entry *entry, const struct conf_account *account, int64_t now)
{
	if (is_expired(entry, account, now) ||
	    queue_history_count(&entry->history, QUEUE_STATE_WAITING) == 0)
		return true;
	for (size_t t = 0; t < TOPICS; t++) {
		for (size_t i = 0; i < entry->history.count; i++) {
			if (is_untold(entry, account, &topics[t], i, now))
				return true;
		}
	}
	return false;
}

/* --- a report --- */

/* What the report is made with. */
struct press {
	const struct conf_account *account;  /* of the message */
	const struct conf_account *reporter; /* of the report; NULL: see submit_tell */
};

/* Makes ENVELOPE one from nobody to ADDRESS. */
static int
address_report(struct mail_envelope *envelope, const struct mail_address *address, struct err *e)
{
	struct mail_address nobody = {NULL, NULL, NULL};
	int rc = mail_address_parse(&nobody, str_slice("<>"), e);

	if (rc == 0)
		rc = mail_envelope_set_sender(envelope, &nobody, e);
	if (rc == 0 && mail_envelope_add(envelope, address, e) < 0)
		rc = -1;
	mail_address_free(&nobody);
	return rc;
}

/*
 * Is the report one for a mailbox of this machine, and does somebody deliver there? Not where it
 * was said who reports: imbucad's runner would queue it for an account that only imbuca's knows.
 */
static bool
goes_here(const struct press *press, const struct mail_address *address)
{
	return press->reporter == NULL && submit_identity_is_local(address) &&
	       !conf_account_from_match(press->account, address) && submit_handover_answers();
}

/*
 * Puts MESSAGE, a report to the sender of ENTRY, into the queue: for his mailbox here, where he is
 * of this machine and somebody delivers; else for the account of those who report.
 */
static int
keep_report(const struct queue_entry *entry, const struct press *press,
    struct mail_message *message, struct err *e)
{
	const struct mail_address *sender = &entry->envelope.mail.sender;
	struct mail_envelope envelope = {.recipients = NULL};
	struct conf_account *daemon = goes_here(press, sender) ? submit_handover_account(e) : NULL;
	const struct conf_account *said = daemon != NULL ? daemon : press->reporter;
	struct submit_keep keep = {
	    .spool = entry->spool,
	    .account = said != NULL ? said : press->account,
	    .accounts = said == NULL || said == press->account ? entry->envelope.accounts : NULL,
	    .envelope = &envelope,
	    .message = message,
	};
	struct mail_address here = *sender;
	char nothing[] = "";
	int rc;

	if (daemon != NULL)
		here.domain = nothing;
	rc = address_report(&envelope, &here, e);
	if (rc == 0)
		rc = submit_keep(&keep, e);
	conf_account_free(daemon);
	mail_envelope_free(&envelope);
	return rc;
}

/*
 * What the account of ENTRY fails of, a reason for those of its recipients that were not tried.
 * NULL where all is well, or nothing is known. STANDING, which it points into, is to be closed.
 */
static const struct queue_event *
account_failure(const struct queue_entry *entry, struct queue_standing *standing)
{
	const struct queue_envelope *envelope = &entry->envelope;
	struct err ignored;

	if (queue_standing_open(standing, entry->spool, envelope->account, envelope->accounts,
		false, &ignored) != 1)
		return NULL;
	return standing->attempts > 0 ? &standing->end : NULL;
}

/* Makes the report and puts it on its way. */
static int
report(const struct queue_entry *entry, const struct press *press, enum submit_bounce_kind kind,
    const bool *about, struct err *e)
{
	const struct conf_account *account = press->account;
	struct buf domain = BUF_INIT(NET_NAME_SIZE);
	struct queue_standing standing;
	struct submit_bounce bounce = {.entry = entry,
	    .kind = kind,
	    .about = about,
	    .host = account->host,
	    .failure = account_failure(entry, &standing),
	    .until = account->queue_lifetime > 0
			 ? entry->envelope.time + (int64_t)account->queue_lifetime
			 : 0};
	struct mail_message *message = NULL;
	int fd = file_open_unnamed(NULL, e), rc = -1;

	submit_identity_domain(&domain, account->domain);
	bounce.domain = buf_text(&domain);
	if (fd >= 0 && submit_bounce_write(&bounce, fd, e) == 0 && lseek(fd, 0, SEEK_SET) == 0)
		message = mail_message_read(fd, NULL, e);
	if (message != NULL)
		rc = keep_report(entry, press, message, e);
	mail_message_free(message);
	if (fd >= 0)
		(void)close(fd);
	queue_standing_close(&standing);
	buf_free(&domain);
	return rc;
}

/* Writes down that the sender was told of those that ABOUT marks. */
static int
remember(struct queue_entry *entry, const struct topic *topic, const bool *about, int64_t now,
    struct err *e)
{
	struct queue_event *events = calloc(entry->history.count, sizeof *events);
	size_t count = 0;
	int rc;

	if (events == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for a message's history");
	for (size_t i = 0; i < entry->history.count; i++) {
		if (!about[i])
			continue;
		events[count] = (struct queue_event){
		    .kind = QUEUE_EVENT_TOLD, .time = now, .first = i, .last = i};
		(void)str_copy(events[count].word, sizeof events[count].word,
		    str_slice(queue_history_told_word(topic->told)));
		count++;
	}
	rc = queue_entry_append(entry, events, count, e);
	free(events);
	return rc == 0 ? queue_entry_reload(entry, e) : -1;
}

/* Tells the sender of TOPIC, as far as it is due. Returns as submit_tell. */
static int
tell(struct queue_entry *entry, const struct press *press, const struct topic *topic, int64_t now,
    struct err *e)
{
	size_t count = entry->history.count, untold = 0, wanted = 0;
	bool *due = calloc(2 * count, sizeof *due), *about;
	int rc = 0;

	if (due == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for a report");
	about = due + count;
	for (size_t i = 0; i < count; i++) {
		due[i] = is_untold(entry, press->account, topic, i, now);
		about[i] = due[i] && is_wanted(entry, topic, i);
		untold += due[i];
		wanted += about[i];
	}
	if (wanted > 0)
		rc = report(entry, press, topic->kind, about, e);
	if (rc == 0 && untold > 0)
		rc = remember(entry, topic, due, now, e);
	free(due);
	return rc == 0 && wanted > 0 ? SUBMIT_TELL_TOLD : rc;
}

/* --- the end --- */

/* The first recipient from INDEX on that waits with another last word than that of INDEX. */
static size_t
end_of_same(const struct queue_entry *entry, size_t index)
{
	const struct queue_event *first = &entry->history.recipients[index].last;
	size_t i = index + 1;

	while (i < entry->history.count && is_waiting(entry, i) &&
	       entry->history.recipients[i].last.code == first->code &&
	       str_equal(entry->history.recipients[i].last.text, first->text))
		i++;
	return i;
}

/*
 * Refuses, in the queue's own name, those from FIRST to before END, who have waited too long; for
 * FAILURE (NULL: none) where they were not tried.
 */
static int
expire_some(struct queue_entry *entry, size_t first, size_t end, const struct queue_event *failure,
    int64_t now, struct err *e)
{
	struct buf text = BUF_INIT(QUEUE_JOURNAL_TEXT_MAX);
	struct queue_event event = entry->history.recipients[first].last;
	int rc;

	if (event.time == 0 && failure != NULL)
		event = *failure;
	(void)queue_text_read(&text, event.text);
	event.kind = QUEUE_EVENT_REFUSED;
	event.time = event.moment = now;
	event.first = first;
	event.last = end - 1;
	event.text = buf_slice(&text);
	rc = queue_entry_append(entry, &event, 1, e);
	buf_free(&text);
	return rc;
}

static int
expire(struct queue_entry *entry, int64_t now, struct err *e)
{
	struct queue_standing standing;
	const struct queue_event *failure = account_failure(entry, &standing);
	size_t next;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < entry->history.count; i = next) {
		next = is_waiting(entry, i) ? end_of_same(entry, i) : i + 1;
		if (is_waiting(entry, i))
			rc = expire_some(entry, i, next, failure, now, e);
	}
	queue_standing_close(&standing);
	return rc == 0 ? queue_entry_reload(entry, e) : -1;
}

/* Nobody waits for the message any more. */
static int
end(struct queue_entry *entry, struct err *e)
{
	bool lost = mail_address_is_null(&entry->envelope.mail.sender) &&
		    queue_history_count(&entry->history, QUEUE_STATE_REFUSED) > 0;

	if (lost && queue_entry_move(entry, QUEUE_SPOOL_FAILED, e) == 0)
		return err_set(e, EX_UNAVAILABLE,
		    "the report %s cannot be delivered either; it is kept among the failed",
		    entry->id);
	if (lost || queue_entry_remove(entry, e) != 0 ||
	    queue_spool_sync(entry->spool, QUEUE_SPOOL_READY, e) != 0)
		return -1;
	return SUBMIT_TELL_ENDED;
}

int
submit_tell(struct queue_entry *entry, const struct conf_account *account,
    const struct conf_account *reporter, int64_t now, struct err *e)
{
	const struct press press = {account, reporter};
	int rc = is_expired(entry, account, now) ? expire(entry, now, e) : 0;
	bool told = false;

	for (size_t i = 0; rc == 0 && i < TOPICS; i++) {
		rc = tell(entry, &press, &topics[i], now, e);
		told = told || rc == SUBMIT_TELL_TOLD;
		rc = rc < 0 ? -1 : 0;
	}
	if (rc == 0 && queue_history_count(&entry->history, QUEUE_STATE_WAITING) == 0)
		return end(entry, e);
	return rc == 0 && told ? SUBMIT_TELL_TOLD : rc;
}
