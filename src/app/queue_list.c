/*
 * queue_list: see queue_commands.h: what is in the queue, for people, for mailq's readers and as
 * JSON. Messages are read and printed one by one.
 */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/queue.h"
#include "app/queue_commands.h"
#include "app/queue_system.h"
#include "app/terminal.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/json.h"
#include "queue/change.h"
#include "queue/listing.h"
#include "queue/text.h"
#include "submit/handover.h"

#include "base/banned.h"

enum { OUTPUT_MAX = 64 << 20, OUTPUT_FLUSH = 64 << 10 };

struct output {
	struct buf text;
	struct json json;
	int64_t now;
	size_t messages;
	size_t unusable; /* files that are no messages, told and passed over */
	uint64_t bytes;
};

/* How one message is shown. */
typedef void show_function(struct output *out, struct queue_entry *entry);

static int
flush(struct output *out, size_t least, struct err *e)
{
	int rc = 0;

	if (out->text.full)
		rc = err_set(e, EX_TEMPFAIL, "out of memory");
	else if (out->text.len >= least)
		rc = file_write(STDOUT_FILENO, "standard output", out->text.data, out->text.len, e);
	if (out->text.len >= least)
		buf_reset(&out->text);
	return rc;
}

/* --- parts --- */

static void
add_address(struct buf *out, const struct mail_address *address)
{
	struct buf text = BUF_INIT(4096);

	if (mail_address_is_null(address))
		buf_adds(&text, "MAILER-DAEMON");
	else
		mail_address_write(&text, address);
	buf_add_escaped(out, buf_slice(&text));
	buf_free(&text);
}

/* SECONDS as a person says them: 45s, 12m, 3h, 2d. */
static void
add_span(struct buf *out, int64_t seconds)
{
	static const struct {
		int64_t seconds;
		char letter;
	} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	size_t i = 0;

	if (seconds < 0)
		seconds = 0;
	while (units[i].seconds > 1 && seconds < 2 * units[i].seconds)
		i++;
	buf_addf(out, "%" PRId64 "%c", seconds / units[i].seconds, units[i].letter);
}

/* --- for people --- */

static void
add_next(struct buf *out, const struct queue_entry *entry, int64_t now)
{
	const struct queue_history *history = &entry->history;

	if (entry->folder != QUEUE_SPOOL_READY)
		buf_addf(out, "%s", queue_spool_name(entry->folder));
	else if (history->next <= now)
		buf_adds(out, _("due"));
	else {
		buf_adds(out, _("next attempt in "));
		add_span(out, history->next - now);
	}
}

static void
show_for_people(struct output *out, struct queue_entry *entry)
{
	const struct mail_envelope *mail = &entry->envelope.mail;

	buf_addf(&out->text, "%s  ", entry->id);
	add_span(&out->text, out->now - entry->envelope.time);
	buf_addf(&out->text, "  %" PRIu64 "  ", entry->size);
	add_address(&out->text, &mail->sender);
	buf_adds(&out->text, "  ");
	add_next(&out->text, entry, out->now);
	buf_adds(&out->text, "\n");
	if (entry->history.torn > 0) {
		buf_adds(&out->text, "    ");
		buf_addf(&out->text,
		    _("lines of its journal that are damaged and count for nothing: %zu\n"),
		    entry->history.torn);
	}
	for (size_t i = 0; i < mail->count; i++) {
		const struct queue_recipient *r = &entry->history.recipients[i];

		if (r->state == QUEUE_STATE_SENT)
			continue;
		buf_adds(&out->text, "    ");
		add_address(&out->text, &mail->recipients[i].address);
		if (r->last.time != 0) {
			buf_adds(&out->text, ": ");
			queue_journal_print(&out->text, &r->last);
		}
		buf_adds(&out->text, "\n");
	}
}

/* --- Postfix's mailq --- */

static void
show_for_mailq(struct output *out, struct queue_entry *entry)
{
	const struct mail_envelope *mail = &entry->envelope.mail;
	time_t when = (time_t)entry->envelope.time;
	char date[64];
	struct tm tm;

	(void)localtime_r(&when, &tm);
	(void)strftime(date, sizeof date, "%a %b %e %H:%M:%S", &tm);
	buf_addf(&out->text, "%s%c%10" PRIu64 " %s  ", entry->id,
	    entry->folder == QUEUE_SPOOL_HELD ? '!' : ' ', entry->size, date);
	add_address(&out->text, &mail->sender);
	buf_adds(&out->text, "\n");
	for (size_t i = 0; i < mail->count; i++) {
		const struct queue_recipient *r = &entry->history.recipients[i];

		if (r->state == QUEUE_STATE_SENT)
			continue;
		if (r->last.time != 0) {
			buf_addf(&out->text, "%10s(", "");
			queue_journal_print(&out->text, &r->last);
			buf_adds(&out->text, ")\n");
		}
		buf_addf(&out->text, "%46s", "");
		add_address(&out->text, &mail->recipients[i].address);
		buf_adds(&out->text, "\n");
	}
	buf_adds(&out->text, "\n");
}

/* --- JSON --- */

static void
json_time(struct json *j, const char *key, int64_t when)
{
	struct buf text = BUF_INIT(64);

	if (when != 0)
		queue_text_add_time(&text, when);
	json_text(j, key, buf_slice(&text));
	buf_free(&text);
}

static void
json_recipient(struct json *j, const struct queue_entry *entry, size_t index)
{
	static const char *const states[] = {"waiting", "sent", "refused"};
	const struct queue_recipient *r = &entry->history.recipients[index];
	struct buf text = BUF_INIT(8192);

	json_object(j, NULL);
	mail_address_write(&text, &entry->envelope.mail.recipients[index].address);
	json_text(j, "address", buf_slice(&text));
	json_text(j, "state", str_slice(states[r->state]));
	buf_reset(&text);
	if (r->last.time != 0) {
		queue_journal_print(&text, &r->last);
		json_text(j, "reply", buf_slice(&text));
		json_time(j, "time", r->last.time);
	}
	json_object_end(j);
	buf_free(&text);
}

static void
show_as_json(struct output *out, struct queue_entry *entry)
{
	struct json *j = &out->json;
	struct buf sender = BUF_INIT(4096);

	mail_address_write(&sender, &entry->envelope.mail.sender);
	json_object(j, NULL);
	json_text(j, "id", str_slice(entry->id));
	json_text(j, "folder", str_slice(queue_spool_name(entry->folder)));
	json_text(j, "account", str_slice(entry->envelope.account));
	json_time(j, "queued", entry->envelope.time);
	json_number(j, "age", out->now - entry->envelope.time);
	json_number(j, "size", (int64_t)entry->size);
	json_text(j, "sender", sender.data != NULL ? buf_slice(&sender) : str_slice(""));
	json_number(j, "attempts", entry->history.attempts);
	json_time(j, "next", entry->history.next);
	json_number(j, "damaged", (int64_t)entry->history.torn);
	json_array(j, "recipients");
	for (size_t i = 0; i < entry->history.count; i++)
		json_recipient(j, entry, i);
	json_array_end(j);
	json_object_end(j);
	buf_free(&sender);
}

/* --- all of them --- */

/* Shows the message ID of FOLDER. What is no message is told and passed over. */
static void
show_one(struct output *out, const struct queue_spool *spool, enum queue_spool_folder folder,
    const char *id, show_function *show)
{
	struct queue_entry entry;
	struct err e;
	int rc = queue_entry_open(&entry, spool, folder, id, &e);

	if (rc < 0)
		(void)fprintf(stderr, "imbuca: %s\n", e.msg);
	out->unusable += rc < 0;
	if (rc != QUEUE_ENTRY_OPEN)
		return;
	show(out, &entry);
	out->messages++;
	out->bytes += entry.size;
	queue_entry_close(&entry);
}

static int
show_folder(struct output *out, const struct queue_spool *spool, enum queue_spool_folder folder,
    show_function *show, struct err *e)
{
	struct queue_listing listing;
	int rc = queue_listing_read(&listing, spool, folder, e);

	for (size_t i = 0; rc == 0 && i < listing.count; i++) {
		show_one(out, spool, folder, listing.ids[i], show);
		rc = flush(out, OUTPUT_FLUSH, e);
	}
	out->unusable += listing.strange;
	if (listing.strange > 0)
		(void)fprintf(stderr,
		    _("imbuca: %zu files in '%s' of the queue are not its own; left alone\n"),
		    listing.strange, queue_spool_name(folder));
	queue_listing_free(&listing);
	return rc;
}

/* Shows all of the caller's queue, or those that OPTIONS name. */
static int
show_own(struct output *out, const struct app_options *options, show_function *show, struct err *e)
{
	struct queue_spool spool;
	int rc = app_queue_open(&spool, e);

	if (rc != 1)
		return rc;
	rc = 0;
	for (size_t f = 0; rc == 0 && f < QUEUE_CHANGE_FOLDERS; f++) {
		for (size_t i = 0; i < options->operand_count; i++)
			show_one(out, &spool, queue_change_folders[f], options->operands[i], show);
		if (options->operand_count == 0)
			rc = show_folder(out, &spool, queue_change_folders[f], show, e);
	}
	queue_spool_close(&spool);
	return rc;
}

/* What one message of the machine's queue is shown by. */
struct display {
	struct output *out;
	show_function *show;
};

static void
display(void *context, struct queue_entry *entry)
{
	const struct display *d = context;

	d->show(d->out, entry);
	d->out->messages++;
	d->out->bytes += entry->size;
}

/* The same of the machine's. */
static int
show_system(
    struct output *out, const struct app_options *options, show_function *show, struct err *e)
{
	struct display d = {out, show};
	int rc = 0;

	if (options->operand_count == 0)
		rc = app_queue_system_ask("LIST", display, &d, e);
	for (size_t i = 0; rc >= 0 && i < options->operand_count; i++)
		rc = app_queue_system_ask_of("SHOW", options->operands[i], display, &d, e);
	return rc < 0 ? -1 : 0;
}

static int
list(const struct app_options *options, show_function *show, struct output *out, struct err *e)
{
	if (app_queue_check_ids(options, e) != 0)
		return -1;
	out->now = time(NULL);
	if (show_own(out, options, show, e) != 0)
		return -1;
	if (options->operand_count == 0 || out->messages < options->operand_count) {
		if (show_system(out, options, show, e) != 0)
			return -1;
	}
	/* Who may not ask imbucad does not know what it has. */
	if ((out->messages == 0 || out->messages < options->operand_count) &&
	    submit_handover_allowed(e) == -1)
		return -1;
	if (options->operand_count > 0 && out->messages < options->operand_count)
		return err_set(e, EX_NOINPUT, "there is no such message in the queue");
	return 0;
}

int
app_queue_list_run(const struct app_options *options, struct err *e)
{
	struct output out = {.text = BUF_INIT(OUTPUT_MAX)};
	int rc;

	out.json = (struct json)JSON_INIT(&out.text);
	if (options->json)
		json_array(&out.json, NULL);
	rc = list(options, options->json ? show_as_json : show_for_people, &out, e);
	if (options->json) {
		json_array_end(&out.json);
		buf_addc(&out.text, '\n');
	} else if (out.messages == 0)
		buf_adds(&out.text, out.unusable == 0 ? _("the queue is empty\n")
						      : _("no file in the queue is a message\n"));
	if (rc == 0)
		rc = flush(&out, 0, e);
	buf_free(&out.text);
	return rc;
}

int
app_queue_list_mailq(const struct app_options *options, struct err *e)
{
	struct app_options all = *options;
	struct output out = {.text = BUF_INIT(OUTPUT_MAX)};
	int rc;

	all.operand_count = 0;
	buf_adds(&out.text, "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n");
	rc = list(&all, show_for_mailq, &out, e);
	if (out.messages == 0 && out.unusable == 0) {
		buf_reset(&out.text);
		buf_adds(&out.text, "Mail queue is empty\n");
	} else
		buf_addf(&out.text, "-- %" PRIu64 " Kbytes in %zu Request%s.\n",
		    (out.bytes + 1023) / 1024, out.messages, out.messages == 1 ? "" : "s");
	if (rc == 0)
		rc = flush(&out, 0, e);
	buf_free(&out.text);
	return rc;
}

static void
count_one(void *context, struct queue_entry *entry)
{
	size_t *count = context;

	*count += entry->folder == QUEUE_SPOOL_READY;
}

int
app_queue_list_count(const struct app_options *options, struct err *e)
{
	struct queue_listing listing = {.ids = NULL};
	struct output out = {.text = BUF_INIT(OUTPUT_MAX)};
	struct queue_spool spool;
	int rc = app_queue_open(&spool, e);

	(void)options;
	if (rc == 1) {
		rc = queue_listing_read(&listing, &spool, QUEUE_SPOOL_READY, e);
		queue_spool_close(&spool);
	}
	if (rc >= 0)
		rc = app_queue_system_ask("LIST", count_one, &listing.count, e) < 0 ? -1 : 0;
	if (rc == 0 && listing.count == 0)
		rc = submit_handover_allowed(e);
	buf_addf(&out.text, "%zu\n", listing.count);
	if (rc == 0)
		rc = flush(&out, 0, e);
	buf_free(&out.text);
	queue_listing_free(&listing);
	return rc;
}

/* --- show --- */

/* The envelope, the content and the journal, line by line. */
static void
show_whole(struct output *out, struct queue_entry *entry)
{
	char block[OUTPUT_FLUSH];
	struct err e;
	off_t at = 0;
	ssize_t n;

	while ((n = pread(entry->fd, block, sizeof block, at)) > 0) {
		struct slice lines = str_whole_lines((struct slice){block, (size_t)n});

		app_terminal_add(&out->text, STDOUT_FILENO, lines);
		if (flush(out, 0, &e) != 0)
			return;
		at += (off_t)lines.len;
	}
	buf_addf(&out->text, "\n--- %s.log\n", entry->id);
	app_terminal_add(&out->text, STDOUT_FILENO, buf_slice(&entry->history.journal));
}

int
app_queue_list_show(const struct app_options *options, struct err *e)
{
	struct output out = {.text = BUF_INIT(OUTPUT_MAX)};
	int rc;

	if (options->json)
		return app_queue_list_run(options, e);
	if (options->operand_count != 1)
		return err_set(e, EX_USAGE, "show takes the name of one queued message");
	rc = list(options, show_whole, &out, e);
	if (rc == 0)
		rc = flush(&out, 0, e);
	buf_free(&out.text);
	return rc;
}
