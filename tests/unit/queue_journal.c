/*
 * Units of queue/journal and queue/history: what is written is read back, whatever a server said;
 * a line that was torn counts for nothing.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "queue/history.h"
#include "queue/text.h"

#include "base/banned.h"

enum { NOW = 1764062581 }; /* 2025-11-25T09:23:01Z */

static const struct queue_event deferred = {.kind = QUEUE_EVENT_DEFERRED,
    .time = NOW,
    .first = 0,
    .last = 1,
    .word = "rcpt",
    .code = 450,
    .enhanced = "4.2.0",
    .text = STR_LITERAL("come back\r\n00000000 2026 sent 0-9 - - 250 - ha 100%")};
static const struct queue_event sent = {.kind = QUEUE_EVENT_SENT,
    .time = NOW + 60,
    .first = 1,
    .last = 1,
    .code = 250,
    .text = STR_LITERAL("Ok")};
static const struct queue_event next = {
    .kind = QUEUE_EVENT_NEXT, .time = NOW + 60, .first = 1, .moment = NOW + 120, .word = "backoff"};

static void
writes_a_line_that_nothing_can_break(void **state)
{
	struct buf out = BUF_INIT(4096);

	(void)state;
	queue_journal_write(&out, &deferred);
	assert_string_equal(buf_text(&out) + 9,
	    "2025-11-25T09:23:01Z deferred 0-1 - rcpt 450 4.2.0 "
	    "come back%0d%0a00000000 2026 sent 0-9 - - 250 - ha 100%25\n");
	buf_free(&out);
}

static void
reads_what_it_wrote(void **state)
{
	const struct queue_event *all[] = {&deferred, &sent, &next};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct buf out = BUF_INIT(4096), text = BUF_INIT(4096);
		struct queue_event read;

		queue_journal_write(&out, all[i]);
		assert_true(queue_journal_read((struct slice){out.data, out.len - 1}, &read));
		assert_int_equal(read.kind, all[i]->kind);
		assert_int_equal(read.time, all[i]->time);
		assert_int_equal(read.moment, all[i]->moment);
		assert_string_equal(read.word, all[i]->word);
		assert_int_equal(read.code, all[i]->code);
		assert_string_equal(read.enhanced, all[i]->enhanced);
		assert_int_equal(read.first > read.last, all[i]->first > all[i]->last);
		assert_true(queue_text_read(&text, read.text));
		assert_true(str_equal(buf_slice(&text), all[i]->text));
		buf_free(&text);
		buf_free(&out);
	}
}

/* Whatever single byte of a line is lost or changed, it is no line any more. */
static void
takes_no_damaged_line(void **state)
{
	struct buf out = BUF_INIT(4096);
	struct queue_event read;

	(void)state;
	queue_journal_write(&out, &deferred);
	for (size_t i = 0; i < out.len - 1; i++) {
		assert_false(queue_journal_read((struct slice){out.data, i}, &read));
		out.data[i] ^= 1;
		assert_false(queue_journal_read((struct slice){out.data, out.len - 1}, &read));
		out.data[i] ^= 1;
	}
	assert_true(queue_journal_read((struct slice){out.data, out.len - 1}, &read));
	buf_free(&out);
}

static void
adds_up_what_happened(void **state)
{
	const struct queue_event told = {
	    .kind = QUEUE_EVENT_TOLD, .time = NOW, .first = 0, .last = 0, .word = "delay"};
	const struct queue_event beyond = {
	    .kind = QUEUE_EVENT_REFUSED, .time = NOW, .first = 2, .last = 4000000000};
	struct buf journal = BUF_INIT(QUEUE_JOURNAL_MAXIMUM);
	struct queue_history history;
	struct err e = ERR_INIT;

	(void)state;
	queue_journal_write(&journal, &deferred);
	queue_journal_write(&journal, &sent);
	queue_journal_write(&journal, &next);
	queue_journal_write(&journal, &told);
	queue_journal_write(&journal, &beyond);
	buf_adds(&journal, "12345678 torn");
	assert_int_equal(queue_history_make(&history, &journal, 3, &e), 0);
	assert_int_equal(history.recipients[0].state, QUEUE_STATE_WAITING);
	assert_int_equal(history.recipients[0].last.code, 450);
	assert_int_equal(history.recipients[0].told, QUEUE_TOLD_DELAY);
	assert_int_equal(history.recipients[1].state, QUEUE_STATE_SENT);
	assert_int_equal(history.recipients[2].state, QUEUE_STATE_REFUSED);
	assert_int_equal(history.attempts, 1);
	assert_int_equal(history.next, NOW + 120);
	assert_int_equal(history.torn, 1);
	assert_int_equal(queue_history_count(&history, QUEUE_STATE_WAITING), 1);
	queue_history_free(&history);
}

/* What is left says the same: of a recipient the last word, of the message all. */
static void
shortens_to_what_counts(void **state)
{
	const struct queue_event told = {
	    .kind = QUEUE_EVENT_TOLD, .time = NOW, .first = 0, .last = 0, .word = "delay"};
	struct buf journal = BUF_INIT(QUEUE_JOURNAL_MAXIMUM),
		   text = BUF_INIT(QUEUE_JOURNAL_MAXIMUM);
	struct queue_history history, after;
	struct err e = ERR_INIT;
	size_t lines = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		queue_journal_write(&journal, &deferred);
		queue_journal_write(&journal, &next);
	}
	buf_adds(&journal, "12345678 torn\n");
	queue_journal_write(&journal, &told);
	queue_journal_write(&journal, &sent);
	assert_int_equal(queue_history_make(&history, &journal, 2, &e), 0);
	queue_history_shorten(&history, &text);
	for (size_t i = 0; i < text.len; i++)
		lines += text.data[i] == '\n';
	assert_int_equal(
	    lines, 103); /* 100 ends of attempts, the last word of each, what was told */
	assert_int_equal(queue_history_make(&after, &text, 2, &e), 0);
	assert_int_equal(after.attempts, 100);
	assert_int_equal(after.torn, 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(after.recipients[i].state, history.recipients[i].state);
		assert_int_equal(after.recipients[i].told, history.recipients[i].told);
		assert_true(
		    str_equal(after.recipients[i].last.text, history.recipients[i].last.text));
	}
	queue_history_free(&after);
	queue_history_free(&history);
}

static void
reads_no_moment_but_its_own(void **state)
{
	static const char *const bad[] = {"", "-", "2026-11-25", "2026-13-25T09:23:01Z",
	    "2026-11-25T09:23:01+", "2026-11-25 09:23:01Z", "1969-12-31T23:59:59Z"};
	int64_t when;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(queue_text_read_time(str_slice(bad[i]), &when));
	assert_true(queue_text_read_time(str_slice("9999-12-31T23:59:59Z"), &when));
	assert_int_equal(when, 253402300799);
}

static void
reads_no_escape_but_its_own(void **state)
{
	static const char *const bad[] = {"%", "%4", "%4G", "a%", "%4A"};
	struct buf out = BUF_INIT(64);

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(queue_text_read(&out, str_slice(bad[i])));
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_a_line_that_nothing_can_break),
	    cmocka_unit_test(reads_what_it_wrote),
	    cmocka_unit_test(takes_no_damaged_line),
	    cmocka_unit_test(adds_up_what_happened),
	    cmocka_unit_test(shortens_to_what_counts),
	    cmocka_unit_test(reads_no_moment_but_its_own),
	    cmocka_unit_test(reads_no_escape_but_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
