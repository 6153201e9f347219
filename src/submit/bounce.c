/*
 * bounce: see bounce.h.
 */
#include <config.h>

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/secret.h"
#include "base/file.h"
#include "base/i18n.h"
#include "explain/explain.h"
#include "mail/date.h"
#include "mail/header.h"
#include "mail/message.h"
#include "mail/message_id.h"
#include "mail/quoted_printable.h"
#include "mail/scan.h"
#include "submit/bounce.h"

#include "base/banned.h"

enum {
	REPORT_MAX = 256 << 20, /* without a whole message: 4 KiB for each of 65536 recipients */
	REPLIES_MAX = 2 << 20,	/* what of it the replies share */
	REPLY_MAX = 8 << 10,	/* so much of one, however few there are */
	REPLY_MIN = 100,
	DIAGNOSTIC_MAX = 900,	/* likewise, in one line */
	RETURNED_MAX = 1 << 20, /* a larger message does not come back whole */
	BOUNDARY = 12,
};

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

/* So many bytes has each recipient's reply. */
static size_t
reply_max(const struct submit_bounce *b)
{
	size_t share = REPLIES_MAX / b->entry->history.count;

	return share > REPLY_MAX ? REPLY_MAX : share < REPLY_MIN ? REPLY_MIN : share;
}

/* What was said last, cut to MOST bytes, or that nothing was. */
static void
add_reply(struct buf *out, const struct queue_event *event, size_t most)
{
	struct buf text = BUF_INIT(QUEUE_JOURNAL_LINE_MAX);
	char cut[REPLY_MAX + 1];

	if (event->time == 0 ||
	    (event->kind == QUEUE_EVENT_REFUSED && event->code == 0 && event->text.len == 0))
		buf_adds(out, _("it was not tried yet, since nothing went to the server"));
	else if (event->kind == QUEUE_EVENT_SENT && event->code == 0)
		buf_adds(out, _("it is in the mailbox"));
	else {
		queue_journal_print(&text, event);
		(void)str_escape(cut, most + 1, buf_slice(&text));
		buf_adds(out, cut);
	}
	buf_free(&text);
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

static struct explain_verdict
judge(const struct queue_event *event)
{
	const struct explain_question question = {
	    .stage = stage_of(event->word),
	    .code = event->code,
	    .enhanced = event->enhanced,
	    .text = event->text,
	};

	return explain_reply(&question);
}

static void
add_explanation(struct buf *out, enum submit_bounce_kind kind, const struct queue_event *event)
{
	struct explain_verdict verdict;

	if (event->code < 400)
		return;
	verdict = judge(event);
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

/* The lines for people. */
static void
add_words(struct buf *out, const struct submit_bounce *b)
{
	const struct queue_entry *entry = b->entry;
	char date[MAIL_DATE_SIZE];

	buf_addf(out, "%s\r\n", i18n_text(kinds[b->kind].opening));
	for (size_t i = 0; i < entry->history.count; i++) {
		if (!b->about[i])
			continue;
		buf_adds(out, "\r\n  ");
		add_names(out, &entry->envelope.mail.recipients[i]);
		buf_adds(out, "\r\n    ");
		add_reply(out, reason(b, i), reply_max(b));
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
add_final_recipient(struct buf *out, const struct mail_address *address)
{
	char ascii[MAIL_DSN_ORCPT_SIZE];

	if (mail_address_is_utf8(address) && mail_dsn_orcpt_of(address, ascii)) {
		struct slice rest = str_slice(ascii);

		(void)str_cut(&rest, ';');
		buf_adds(out, "Final-Recipient: utf-8; ");
		buf_add_slice(out, rest);
	} else {
		buf_adds(out, "Final-Recipient: rfc822; ");
		add_address(out, address);
	}
	buf_adds(out, "\r\n");
}

static void
add_diagnostic(struct buf *out, const struct submit_bounce *b, const struct queue_event *event)
{
	struct buf text = BUF_INIT(REPLY_MAX);
	size_t most = reply_max(b) < DIAGNOSTIC_MAX ? reply_max(b) : DIAGNOSTIC_MAX;
	struct err ignored;

	buf_adds(&text, "smtp; ");
	add_reply(&text, event, most);
	(void)mail_header_write(out, "Diagnostic-Code", buf_slice(&text), &ignored);
	buf_free(&text);
}

static void
add_recipient(struct buf *out, const struct submit_bounce *b, size_t index)
{
	const struct mail_envelope_recipient *r = &b->entry->envelope.mail.recipients[index];
	const struct queue_event *event = reason(b, index);
	int64_t tried = has_expired(event) ? b->entry->history.end.time : event->time;
	char date[MAIL_DATE_SIZE];

	buf_adds(out, "\r\n");
	if (r->orcpt != NULL) {
		buf_adds(out, "Original-Recipient: ");
		mail_dsn_write_orcpt(out, r->orcpt);
		buf_adds(out, "\r\n");
	}
	add_final_recipient(out, &r->address);
	buf_addf(out, "Action: %s\r\n", kinds[b->kind].action);
	add_status(out, b->kind, event);
	if (event->code != 0) {
		if (b->host != NULL)
			buf_addf(out, "Remote-MTA: dns; %s\r\n", b->host);
		add_diagnostic(out, b, event);
	}
	mail_date_format(date, (time_t)tried);
	if (tried != 0)
		buf_addf(out, "Last-Attempt-Date: %s\r\n", date);
	if (b->kind == SUBMIT_BOUNCE_DELAY && b->until > 0) {
		mail_date_format(date, (time_t)b->until);
		buf_addf(out, "Will-Retry-Until: %s\r\n", date);
	}
}

/* All in ASCII, as RFC 3464 has it. */
static void
add_status_part(struct buf *out, const struct submit_bounce *b)
{
	size_t begin = out->len;
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
	for (size_t i = begin; i < out->len; i++) {
		if ((unsigned char)out->data[i] > 0x7f)
			out->data[i] = '?';
	}
}

/* --- the message that it is about --- */

struct original {
	struct mail_message *message; /* NULL where it cannot be read any more */
	bool whole;		      /* all of it comes back, else the header */
	bool has_8bit;		      /* what comes back whole */
};

/* Would a report with the whole message fail of what the message failed of? */
static bool
is_too_large(const struct submit_bounce *b)
{
	for (size_t i = 0; i < b->entry->history.count; i++) {
		const struct queue_event *event = &b->entry->history.recipients[i].last;
		bool unsent = event->code == 0 && strcmp(event->word, "session") == 0;

		if (b->about[i] && !has_expired(event) &&
		    (unsent || (event->code >= 400 && strcmp(judge(event).class, "size") == 0)))
			return true;
	}
	return false;
}

/* Can MESSAGE be a part of a report? Lines too long, and 8-bit text, are encoded where they may be.
 */
static bool
fits_whole(struct mail_message *message)
{
	struct mail_message_facts facts;
	struct err ignored;

	if (mail_message_facts(message).size > RETURNED_MAX ||
	    mail_message_fit_header(message, &ignored) != 0 ||
	    mail_message_fit(message, false, &ignored) < 0)
		return false;
	facts = mail_message_facts(message);
	return facts.longest_body_line == 0 && facts.longest_header_line == 0;
}

static void
take_original(struct original *out, const struct submit_bounce *b)
{
	const struct queue_entry *entry = b->entry;
	off_t at = lseek(entry->fd, 0, SEEK_END) - (off_t)entry->size;
	struct mail_message_facts facts;
	struct err ignored;

	*out = (struct original){.message = NULL};
	if (lseek(entry->fd, at, SEEK_SET) == at)
		out->message = mail_message_read(entry->fd, NULL, &ignored);
	if (out->message == NULL)
		return;
	out->whole = b->kind == SUBMIT_BOUNCE_FAILURE &&
		     entry->envelope.mail.ret == MAIL_DSN_RET_FULL && !is_too_large(b) &&
		     fits_whole(out->message);
	facts = mail_message_facts(out->message);
	out->has_8bit = out->whole && (facts.header_8bit || facts.body_8bit);
}

static int
copy_message(const struct mail_message *message, int fd, struct err *e)
{
	struct mail_message_stream *stream = mail_message_stream_open(message, false, e);
	struct slice block;
	int rc = stream != NULL ? 1 : -1;

	while (rc == 1 && (rc = mail_message_stream_next(stream, &block, e)) == 1) {
		if (file_write(fd, "the report", block.ptr, block.len, e) != 0)
			rc = -1;
	}
	mail_message_stream_close(stream);
	return rc;
}

/* --- all of it --- */

#define ENCODED_8BIT "Content-Transfer-Encoding: 8bit\r\n"

static int
make_boundary(struct buf *out, struct err *e)
{
	unsigned char random[BOUNDARY];

	if (secret_random(random, sizeof random, e) != 0)
		return -1;
	buf_adds(out, "=_");
	for (size_t i = 0; i < sizeof random; i++)
		buf_addf(out, "%02x", (unsigned)random[i]);
	return 0;
}

static int
add_header(struct buf *out, const struct submit_bounce *b, const char *boundary,
    const struct original *original, struct err *e)
{
	const struct mail_address *sender = &b->entry->envelope.mail.sender;
	struct slice id = str_slice("");
	struct buf text = BUF_INIT(4096);
	struct err ignored;
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
	if (original->message != NULL)
		id = mail_message_field(original->message, "Message-ID");
	if (id.len > 0 && !str_has_8bit(id))
		(void)mail_header_write(out, "References", id, &ignored);
	buf_addf(out,
	    "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; "
	    "report-type=delivery-status;\r\n boundary=\"%s\"\r\n%s\r\n",
	    boundary, original->has_8bit ? ENCODED_8BIT : "");
	buf_free(&text);
	return rc;
}

/* Adds the LINES as a part of TYPE, so that any server takes them. */
static void
add_text_part(struct buf *out, const char *type, struct slice lines)
{
	struct mail_quoted_printable qp = {.column = 0};
	struct mail_scan scan = {.bytes = 0};

	mail_scan_add(&scan, lines);
	buf_addf(out, "Content-Type: %s\r\n", type);
	if (!scan.has_8bit && scan.longest == 0) {
		buf_adds(out, "\r\n");
		buf_add_slice(out, lines);
		return;
	}
	buf_adds(out, "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	while (lines.len > 0) {
		struct slice line = str_cut(&lines, '\n');

		if (line.len > 0 && line.ptr[line.len - 1] == '\r')
			line.len--;
		mail_quoted_printable_add(&qp, out, line);
		mail_quoted_printable_end_line(&qp, out);
	}
}

/* Adds the parts, but of a whole message only what stands before it. */
static void
add_parts(struct buf *out, const struct submit_bounce *b, const char *boundary,
    const struct original *original)
{
	struct buf words = BUF_INIT(REPORT_MAX);
	struct slice header = str_slice("");

	buf_addf(out, "--%s\r\n", boundary);
	add_words(&words, b);
	add_text_part(out, "text/plain; charset=utf-8", buf_slice(&words));
	buf_addf(out, "\r\n--%s\r\n", boundary);
	add_status_part(out, b);
	buf_addf(out, "\r\n--%s\r\n", boundary);
	if (original->message != NULL)
		header = mail_message_header(original->message);
	if (original->whole)
		buf_addf(out, "Content-Type: message/rfc822\r\n%s\r\n",
		    original->has_8bit ? ENCODED_8BIT : "");
	else
		add_text_part(out, "text/rfc822-headers", header);
	out->full = out->full || words.full;
	buf_free(&words);
}

int
submit_bounce_write(const struct submit_bounce *b, int fd, struct err *e)
{
	struct buf out = BUF_INIT(REPORT_MAX), boundary = BUF_INIT(64);
	struct original original;
	int rc = make_boundary(&boundary, e);

	take_original(&original, b);
	if (rc == 0)
		rc = add_header(&out, b, buf_text(&boundary), &original, e);
	add_parts(&out, b, buf_text(&boundary), &original);
	if (rc == 0 && out.full)
		rc = err_set(e, EX_TEMPFAIL, "no memory for a report");
	if (rc == 0)
		rc = file_write(fd, "the report", out.data, out.len, e);
	if (rc == 0 && original.whole)
		rc = copy_message(original.message, fd, e);
	buf_reset(&out);
	buf_addf(&out, "\r\n--%s--\r\n", buf_text(&boundary));
	if (rc == 0)
		rc = file_write(fd, "the report", out.data, out.len, e);
	buf_free(&out);
	buf_free(&boundary);
	mail_message_free(original.message);
	return rc;
}
