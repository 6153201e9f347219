/*
 * Units of mail/header, mail/date and mail/message_id: fields read, folded and encoded.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mail/date.h"
#include "mail/header.h"
#include "mail/message_id.h"

#include "base/banned.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static void
knows_a_field_by_its_first_line(void **state)
{
	static const struct {
		const char *line;
		size_t name;
	} cases[] = {
	    {"To: a", 2},
	    {"To:a", 2},
	    {"BCC \t: a", 3},
	    {"X-Cron-Env: <A=B>", 10},
	    {".dot: x", 4},
	    {"hello world", 0},
	    {"hello", 0},
	    {": x", 0},
	    {" To: a", 0},
	    {"T\xc3\xb2: a", 0},
	    {"", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(mail_header_name(str_slice(cases[i].line)), cases[i].name);
}

static void
walks_over_folds(void **state)
{
	struct slice rest = str_slice("To: a,\r\n\tb\r\nSubject :\n x\nEmpty:\r\nLast: 1");
	static const char *const expected[] = {
	    "To", "a,\r\n\tb", "Subject", "x", "Empty", "", "Last", "1"};
	struct mail_header_field field;

	(void)state;
	for (size_t i = 0; i < COUNT(expected); i += 2) {
		assert_true(mail_header_next(&rest, &field));
		assert_true(str_is(field.name, expected[i]));
		assert_true(str_is(field.value, expected[i + 1]));
	}
	assert_false(mail_header_next(&rest, &field));
}

static void
folds_at_blanks(void **state)
{
	struct buf out = BUF_INIT(4096);
	struct err e = ERR_INIT;
	struct slice word = str_slice("ninechars");
	struct buf value = BUF_INIT(4096);
	struct buf unfolded = BUF_INIT(4096);
	struct mail_header_field field;
	struct slice rest;

	(void)state;
	for (int i = 0; i < 30; i++) {
		buf_add_slice(&value, word);
		buf_addc(&value, ' ');
	}
	value.len--;
	assert_int_equal(mail_header_write(&out, "Subject", buf_slice(&value), &e), 0);
	rest = buf_slice(&out);
	while (rest.len > 0)
		assert_true(str_cut(&rest, '\n').len <= 79);
	rest = buf_slice(&out);
	assert_true(mail_header_next(&rest, &field));
	assert_int_equal(rest.len, 0);
	mail_header_unfold(&unfolded, field.value);
	assert_true(str_equal(buf_slice(&unfolded), buf_slice(&value)));
	buf_free(&out);
	buf_free(&value);
	buf_free(&unfolded);
}

static void
writes_no_control_bytes(void **state)
{
	struct buf out = BUF_INIT(4096);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(mail_header_write(&out, "Subject", str_slice("a\r\nBcc: x"), &e), -1);
	assert_int_equal(e.ex, EX_DATAERR);
	assert_int_equal(out.len, 0);
	assert_int_equal(mail_header_write(&out, "Subject", str_slice(""), &e), 0);
	assert_string_equal(buf_text(&out), "Subject:\r\n");
	buf_free(&out);
}

static void
refolds_what_is_too_long(void **state)
{
	struct buf raw = BUF_INIT(8192), out = BUF_INIT(8192);

	(void)state;
	buf_adds(&raw, "To:");
	for (int i = 0; i < 400; i++)
		buf_adds(&raw, " abc@e,");
	buf_adds(&raw, "\r\nShort: x\r\n");
	assert_true(mail_header_refold(&out, buf_slice(&raw)) <= MAIL_HEADER_LINE_MAX);
	assert_int_equal(out.len, raw.len + 2 * 2);
	buf_reset(&raw);
	buf_reset(&out);
	buf_adds(&raw, "Long: ");
	for (int i = 0; i < 1500; i++)
		buf_addc(&raw, 'x');
	buf_adds(&raw, "\r\n");
	/* Folded where it can be, and still too long. */
	assert_int_equal(mail_header_refold(&out, buf_slice(&raw)), 1501);
	assert_int_equal(out.len, raw.len + 2);
	buf_free(&raw);
	buf_free(&out);
}

static void
encodes_names(void **state)
{
	static const struct {
		const char *name, *phrase;
	} cases[] = {
	    {"Root of Evil", "Root of Evil"},
	    {"John Q. Public", "\"John Q. Public\""},
	    {"Doe, J", "\"Doe, J\""},
	    {"a \"b\" \\c", "\"a \\\"b\\\" \\\\c\""},
	    {"two  blanks", "\"two  blanks\""},
	    {" ", "\" \""},
	    {"J\xc3\xb6rg M", "=?utf-8?Q?J=C3=B6rg_M?="},
	    {"J\xf6rg", "=?unknown-8bit?Q?J=F6rg?="},
	    {"a\r\nBcc: x", "=?utf-8?B?YQ0KQmNjOiB4?="},
	    {"\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd", "=?utf-8?B?0JjQstCw0L0=?="},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out = BUF_INIT(4096);

		mail_header_encode_phrase(&out, str_slice(cases[i].name));
		assert_string_equal(buf_text(&out), cases[i].phrase);
		buf_free(&out);
	}
}

static void
encodes_long_text_in_whole_characters(void **state)
{
	struct buf text = BUF_INIT(4096), out = BUF_INIT(4096);
	struct slice rest;

	(void)state;
	for (int i = 0; i < 50; i++)
		buf_adds(&text, "\xe6\x97\xa5");
	mail_header_encode_text(&out, buf_slice(&text));
	rest = buf_slice(&out);
	while (rest.len > 0) {
		struct slice word = str_cut(&rest, ' ');

		assert_true(word.len <= 75);
		/* Whole characters of three bytes need no padding. */
		assert_int_equal((word.len - strlen("=?utf-8?B?") - 2) % 4, 0);
		assert_true(word.ptr[word.len - 3] != '=');
	}
	buf_reset(&out);
	mail_header_encode_text(&out, str_slice("plain, text"));
	assert_string_equal(buf_text(&out), "plain, text");
	buf_free(&text);
	buf_free(&out);
}

static void
writes_mailboxes(void **state)
{
	char local[] = "a b", domain[] = "e", display[] = "";
	struct mail_address a = {local, domain, display};
	struct buf out = BUF_INIT(4096);

	(void)state;
	mail_header_write_mailbox(&out, str_slice("X, Y"), &a);
	buf_addc(&out, ' ');
	mail_header_write_mailbox(&out, str_slice(""), &a);
	assert_string_equal(buf_text(&out), "\"X, Y\" <\"a b\"@e> <\"a b\"@e>");
	buf_free(&out);
}

static void
dates_are_local_and_english(void **state)
{
	static const struct {
		const char *zone, *date;
	} cases[] = {
	    {"UTC0", "Wed, 25 Nov 2026 01:11:34 +0000"},
	    {"CET-1", "Wed, 25 Nov 2026 02:11:34 +0100"},
	    {"NST3:30", "Tue, 24 Nov 2026 21:41:34 -0330"},
	};
	char out[MAIL_DATE_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(setenv("TZ", cases[i].zone, 1), 0);
		tzset();
		mail_date_format(out, 1795569094);
		assert_string_equal(out, cases[i].date);
	}
}

static void
message_ids_are_unique(void **state)
{
	struct buf a = BUF_INIT(256), b = BUF_INIT(256);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(mail_message_id_write(&a, 1795569094, "example.org", &e), 0);
	assert_int_equal(mail_message_id_write(&b, 1795569094, "example.org", &e), 0);
	assert_int_equal(a.len, b.len);
	assert_string_not_equal(buf_text(&a), buf_text(&b));
	assert_int_equal(strncmp(buf_text(&a), "<1795569094.", 12), 0);
	assert_string_equal(buf_text(&a) + 32, "@example.org>");
	assert_int_equal(mail_message_id_write(&a, 0, "[127.0.0.1]", &e), 0);
	assert_int_equal(mail_message_id_write(&a, 0, "a>\r\nBcc: x", &e), -1);
	assert_int_equal(mail_message_id_write(&a, 0, "", &e), -1);
	assert_int_equal(mail_message_id_write(&a, 0, "a..b", &e), -1);
	buf_free(&a);
	buf_free(&b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(knows_a_field_by_its_first_line),
	    cmocka_unit_test(walks_over_folds),
	    cmocka_unit_test(folds_at_blanks),
	    cmocka_unit_test(writes_no_control_bytes),
	    cmocka_unit_test(refolds_what_is_too_long),
	    cmocka_unit_test(encodes_names),
	    cmocka_unit_test(encodes_long_text_in_whole_characters),
	    cmocka_unit_test(writes_mailboxes),
	    cmocka_unit_test(dates_are_local_and_english),
	    cmocka_unit_test(message_ids_are_unique),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
