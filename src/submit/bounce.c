/*
 * bounce: see bounce.h.
 */
#include <config.h>

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/i18n.h"
#include "explain/explain.h"
#include "mail/date.h"
#include "mail/header.h"
#include "mail/message_id.h"
#include "submit/bounce.h"

#include "base/banned.h"

enum { REPORT_MAX = 16 << 20, HEADER_MAX = 1 << 20, BLOCK = 64 << 10, BOUNDARY = 12 };

/* --- what is said to people --- */

static const struct {
	const char *subject, *opening, *action;
} kinds[] = {
    [SUBMIT_BOUNCE_FAILURE] = {N_("Mail was not delivered"),
	N_("Your message could not be delivered to:"), "failed"},
    [SUBMIT_BOUNCE_DELAY] = {N_("Mail is delayed"),
	N_("Your message could not be delivered yet. Further attempts will be made; you need not "
	   "send it again. It waits for:"),
	"delayed"},
    [SUBMIT_BOUNCE_RELAYED] = {N_("Mail was passed on"),
	N_("Your message was passed on to a server that will not report on it any further, for:"),
	"relayed"},
    [SUBMIT_BOUNCE_DELIVERED] = {N_("Mail was delivered"), N_("Your message was delivered to:"),
	"delivered"},
};

static enum explain_stage
stage_of(const char *word)
{
	static const struct {
		const char *word;
		enum explain_stage stage;
	} rows[] = {{"mail", EXPLAIN_MAIL}, {"rcpt", EXPLAIN_RCPT}, {"data", EXPLAIN_DATA}};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (strcmp(rows[i].word, word) == 0)
			return rows[i].stage;
	}
	return EXPLAIN_CONNECT;
}

/* Why recipient INDEX is where it is: what was said of it last, else what the account fails of. */
static const struct queue_event *
reason(const struct submit_bounce *b, size_t index)
{
	const struct queue_event *last = &b->entry->history.recipients[index].last;

	return last->time == 0 && b->failure != NULL ? b->failure : last;
}

/* What was said last, or that nothing was. */
static void
add_reply(struct buf *out, const struct queue_event *event)
{
	if (event->time == 0 ||
	    (event->kind == QUEUE_EVENT_REFUSED && event->code == 0 && event->text.len == 0))
		buf_adds(out, _("it was not tried yet, since nothing went to the server"));
	else if (event->kind == QUEUE_EVENT_SENT && event->code == 0)
		buf_adds(out, _("it is in the mailbox"));
	else
		queue_journal_print(out, event);
}

/* Was it given up since its time was up? */
static bool
has_expired(const struct queue_event *event)
{
	return event->kind == QUEUE_EVENT_REFUSED && event->moment != 0;
}

static void
add_end(struct buf *out, const struct submit_bounce *b, const struct queue_event *event)
{
	static const struct {
		long long seconds;
		const char *name;
	} units[] = {
	    {86400, N_("days")}, {3600, N_("hours")}, {60, N_("minutes")}, {1, N_("seconds")}};
	long long span = event->moment - b->entry->envelope.time;
	size_t i = 0;

	if (!has_expired(event))
		return;
	while (units[i].seconds > 1 && span < 2 * units[i].seconds)
		i++;
	buf_adds(out, "    ");
	buf_addf(out, _("It was given up after %lld %s."), span / units[i].seconds,
	    i18n_text(units[i].name));
	buf_adds(out, "\r\n");
}

/* What passes by itself needs nobody while the message waits, and did not pass in all its time. */
static bool
needs_somebody(
    enum submit_bounce_kind kind, const struct queue_event *event, enum explain_retry retry)
{
	return (kind != SUBMIT_BOUNCE_DELAY && !has_expired(event)) || !explain_retry_helps(retry);
}

static void
add_explanation(struct buf *out, enum submit_bounce_kind kind, const struct queue_event *event)
{
	struct explain_question question = {
	    .stage = stage_of(event->word),
	    .code = event->code,
	    .enhanced = event->enhanced,
	    .text = event->text,
	};
	struct explain_verdict verdict;

	if (event->code < 400)
		return;
	verdict = explain_reply(&question);
	if (verdict.cause[0] != '\0')
		buf_addf(out, "    %s\r\n", i18n_text(verdict.cause));
	if (verdict.remedy[0] != '\0' && needs_somebody(kind, event, verdict.retry))
		buf_addf(out, "    %s\r\n", i18n_text(verdict.remedy));
}

static void
add_address(struct buf *out, const struct mail_address *address)
{
	struct buf text = BUF_INIT(4096);

	mail_address_write(&text, address);
	buf_add_escaped(out, buf_slice(&text));
	buf_free(&text);
}

/* A recipient, and in brackets what the sender wrote where that is another. */
static void
add_names(struct buf *out, const struct mail_envelope_recipient *r)
{
	struct slice original = str_slice(r->orcpt != NULL ? r->orcpt : "");
	size_t before = out->len;

	(void)str_cut(&original, ';');
	add_address(out, &r->address);
	if (original.ptr == NULL ||
	    str_equal_nocase(original, (struct slice){out->data + before, out->len - before}))
		return;
	buf_adds(out, " (");
	buf_add_escaped(out, original);
	buf_addc(out, ')');
}

static void
add_words(struct buf *out, const struct submit_bounce *b)
{
	const struct queue_entry *entry = b->entry;
	char date[MAIL_DATE_SIZE];

	buf_adds(out, "Content-Type: text/plain; charset=utf-8\r\n"
		      "Content-Transfer-Encoding: 8bit\r\n\r\n");
	buf_addf(out, "%s\r\n", i18n_text(kinds[b->kind].opening));
	for (size_t i = 0; i < entry->history.count; i++) {
		if (!b->about[i])
			continue;
		buf_adds(out, "\r\n  ");
		add_names(out, &entry->envelope.mail.recipients[i]);
		buf_adds(out, "\r\n    ");
		add_reply(out, reason(b, i));
		buf_adds(out, "\r\n");
		add_explanation(out, b->kind, reason(b, i));
		add_end(out, b, reason(b, i));
	}
	mail_date_format(date, (time_t)entry->envelope.time);
	buf_adds(out, "\r\n");
	buf_addf(out, _("It has been in the queue since %s, as %s."), date, entry->id);
	buf_adds(out, "\r\n");
	if (b->kind == SUBMIT_BOUNCE_DELAY && b->until > 0) {
		mail_date_format(date, (time_t)b->until);
		buf_addf(out, _("It will be given up on %s."), date);
		buf_adds(out, "\r\n");
	}
}

/* --- what is said to programs --- */

/* The status (RFC 3463) of a recipient: the server's, with the class that the report has; of one
 * whose time is up, that. */
static void
add_status(struct buf *out, enum submit_bounce_kind kind, const struct queue_event *event)
{
	static const char classes[] = {'5', '4', '2', '2'};
	const char *rest = event->enhanced[0] != '\0' ? event->enhanced + 1 : ".0.0";

	buf_addf(out, "Status: %c%s\r\n", classes[kind], has_expired(event) ? ".4.7" : rest);
}

static void
add_recipient(struct buf *out, const struct submit_bounce *b, size_t index)
{
	const struct mail_envelope_recipient *r = &b->entry->envelope.mail.recipients[index];
	const struct queue_event *event = reason(b, index);
	int64_t tried = has_expired(event) ? b->entry->history.end.time : event->time;
	const char *type = mail_address_is_utf8(&r->address) ? "utf-8" : "rfc822";
	char date[MAIL_DATE_SIZE];

	buf_adds(out, "\r\n");
	if (r->orcpt != NULL) {
		buf_adds(out, "Original-Recipient: ");
		mail_dsn_write_orcpt(out, r->orcpt);
		buf_adds(out, "\r\n");
	}
	buf_addf(out, "Final-Recipient: %s; ", type);
	add_address(out, &r->address);
	buf_addf(out, "\r\nAction: %s\r\n", kinds[b->kind].action);
	add_status(out, b->kind, event);
	if (event->code != 0) {
		if (b->host != NULL)
			buf_addf(out, "Remote-MTA: dns; %s\r\n", b->host);
		buf_adds(out, "Diagnostic-Code: smtp; ");
		add_reply(out, event);
		buf_adds(out, "\r\n");
	}
	mail_date_format(date, (time_t)tried);
	if (tried != 0)
		buf_addf(out, "Last-Attempt-Date: %s\r\n", date);
	if (b->kind == SUBMIT_BOUNCE_DELAY && b->until > 0) {
		mail_date_format(date, (time_t)b->until);
		buf_addf(out, "Will-Retry-Until: %s\r\n", date);
	}
}

static void
add_status_part(struct buf *out, const struct submit_bounce *b)
{
	char date[MAIL_DATE_SIZE];

	buf_addf(out, "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; %s\r\n",
	    b->domain);
	if (b->entry->envelope.mail.envid[0] != '\0')
		buf_addf(out, "Original-Envelope-Id: %s\r\n", b->entry->envelope.mail.envid);
	mail_date_format(date, (time_t)b->entry->envelope.time);
	buf_addf(out, "Arrival-Date: %s\r\n", date);
	for (size_t i = 0; i < b->entry->history.count; i++) {
		if (b->about[i])
			add_recipient(out, b, i);
	}
}

/* --- the message that it is about --- */

/* Where the content begins in the file. */
static off_t
content_at(const struct queue_entry *entry)
{
	return lseek(entry->fd, 0, SEEK_END) - (off_t)entry->size;
}

/* Appends the header of the message. */
static void
read_header(const struct queue_entry *entry, struct buf *out)
{
	static const char end[] = "\r\n\r\n";
	off_t at = content_at(entry);
	const char *found = NULL;
	ssize_t n = 1;

	while (n > 0 && found == NULL && !out->full) {
		size_t before = out->len > sizeof end ? out->len - sizeof end : 0;
		char *room = buf_room(out, BLOCK);

		n = room != NULL ? pread(entry->fd, room, BLOCK, at) : 0;
		if (n <= 0)
			break;
		buf_grew(out, (size_t)n);
		at += n;
		found = memmem(out->data + before, out->len - before, end, sizeof end - 1);
	}
	if (found != NULL)
		buf_truncate(out, (size_t)(found - out->data) + 2);
}

static int
copy_message(const struct queue_entry *entry, int fd, struct err *e)
{
	char block[BLOCK];
	off_t at = content_at(entry);
	ssize_t n;

	while ((n = pread(entry->fd, block, sizeof block, at)) > 0) {
		if (file_write(fd, "the report", block, (size_t)n, e) != 0)
			return -1;
		at += n;
	}
	return n == 0 ? 0 : err_set(e, EX_IOERR, "cannot read the queued message %s", entry->id);
}

/* --- all of it --- */

static int
make_boundary(struct buf *out, struct err *e)
{
	unsigned char random[BOUNDARY];

	if (crypto_random(random, sizeof random, e) != 0)
		return -1;
	buf_adds(out, "=_");
	for (size_t i = 0; i < sizeof random; i++)
		buf_addf(out, "%02x", (unsigned)random[i]);
	return 0;
}

static int
add_header(struct buf *out, const struct submit_bounce *b, const char *boundary,
    struct slice original, struct err *e)
{
	const struct mail_address *sender = &b->entry->envelope.mail.sender;
	struct mail_header_field field;
	struct buf text = BUF_INIT(4096);
	char date[MAIL_DATE_SIZE];
	int rc;

	mail_date_format(date, time(NULL));
	mail_header_write_mailbox(&text, str_slice("Mail queue"), sender);
	rc = mail_header_write(out, "From", buf_slice(&text), e);
	buf_reset(&text);
	mail_header_write_mailbox(&text, str_slice(""), sender);
	if (rc == 0)
		rc = mail_header_write(out, "To", buf_slice(&text), e);
	buf_reset(&text);
	mail_header_encode_text(&text, str_slice(i18n_text(kinds[b->kind].subject)));
	if (rc == 0)
		rc = mail_header_write(out, "Subject", buf_slice(&text), e);
	buf_reset(&text);
	buf_addf(out, "Date: %s\r\n", date);
	if (rc == 0)
		rc = mail_message_id_write(&text, time(NULL), b->domain, e);
	buf_addf(out, "Message-ID: %s\r\n", buf_text(&text));
	if (mail_header_find(original, "Message-ID", &field))
		rc = rc == 0 ? mail_header_write(out, "References", field.value, e) : rc;
	buf_addf(out,
	    "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; "
	    "report-type=delivery-status;\r\n boundary=\"%s\"\r\n\r\n",
	    boundary);
	buf_free(&text);
	return rc;
}

int
submit_bounce_write(const struct submit_bounce *b, int fd, struct err *e)
{
	struct buf out = BUF_INIT(REPORT_MAX), boundary = BUF_INIT(64);
	struct buf original = BUF_INIT(HEADER_MAX + BLOCK);
	bool full =
	    b->kind == SUBMIT_BOUNCE_FAILURE && b->entry->envelope.mail.ret == MAIL_DSN_RET_FULL;
	int rc = make_boundary(&boundary, e);

	read_header(b->entry, &original);
	if (rc == 0)
		rc = add_header(&out, b, buf_text(&boundary), buf_slice(&original), e);
	buf_addf(&out, "--%s\r\n", buf_text(&boundary));
	add_words(&out, b);
	buf_addf(&out, "\r\n--%s\r\n", buf_text(&boundary));
	add_status_part(&out, b);
	buf_addf(&out, "\r\n--%s\r\nContent-Type: %s\r\n\r\n", buf_text(&boundary),
	    full ? "message/rfc822" : "text/rfc822-headers");
	if (!full)
		buf_add_slice(&out, buf_slice(&original));
	if (rc == 0 && out.full)
		rc = err_set(e, EX_TEMPFAIL, "no memory for a report");
	if (rc == 0)
		rc = file_write(fd, "the report", out.data, out.len, e);
	if (rc == 0 && full)
		rc = copy_message(b->entry, fd, e);
	buf_reset(&out);
	buf_addf(&out, "\r\n--%s--\r\n", buf_text(&boundary));
	if (rc == 0)
		rc = file_write(fd, "the report", out.data, out.len, e);
	buf_free(&out);
	buf_free(&boundary);
	buf_free(&original);
	return rc;
}
