/*
 * Units of smtp/reply: what is taken for a reply, and what is refused.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "smtp/reply.h"

#include "base/banned.h"

/* Feeds TEXT, STEP bytes more each time, and returns the last result. */
static int
feed(struct smtp_reply *reply, const char *text, size_t len, size_t step, struct err *e)
{
	size_t taken = 0;
	int rc = 0;

	for (size_t end = step; rc == 0; end += step) {
		struct slice input;

		if (end > len)
			end = len;
		input = (struct slice){text + taken, end - taken};
		rc = smtp_reply_parse(reply, &input, e);
		taken = end - input.len;
		if (end == len)
			break;
	}
	return rc;
}

static void
reads_replies_however_they_arrive(void **state)
{
	static const struct {
		const char *wire;
		int code;
		const char *enhanced, *text;
	} cases[] = {
	    {"250 OK\r\n", 250, "", "OK"},
	    {"250\r\n", 250, "", ""},
	    {"250 \r\n", 250, "", ""},
	    {"250 OK\n", 250, "", "OK"},
	    {"250-a\r\n250-b c\r\n250 d\r\n", 250, "", "a\nb c\nd"},
	    {"550-5.1.1 no\r\n550 5.1.1 such user\r\n", 550, "5.1.1", "no\nsuch user"},
	    {"550 5.1.1\r\n", 550, "5.1.1", ""},
	    {"550 5.1.1x y\r\n", 550, "", "5.1.1x y"},
	    {"550 5.1 y\r\n", 550, "", "5.1 y"},
	    {"550 55.1.1 y\r\n", 550, "", "55.1.1 y"},
	    {"554 6.6.0 y\r\n", 554, "6.6.0", "y"},
	    {"451 5.7.3 y\r\n", 451, "5.7.3", "y"},
	    {"403 4.7.0 y\r\n", 403, "4.7.0", "y"},
	    {"334 \r\n", 334, "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		for (size_t step = 1; step <= strlen(cases[i].wire); step++) {
			struct smtp_reply reply = SMTP_REPLY_INIT;
			struct err e = ERR_INIT;

			assert_int_equal(
			    feed(&reply, cases[i].wire, strlen(cases[i].wire), step, &e), 1);
			assert_int_equal(reply.code, cases[i].code);
			assert_string_equal(reply.enhanced, cases[i].enhanced);
			assert_string_equal(buf_text(&reply.text), cases[i].text);
			smtp_reply_reset(&reply);
		}
	}
}

static void
leaves_what_follows_the_reply(void **state)
{
	struct smtp_reply reply = SMTP_REPLY_INIT;
	struct slice input = str_slice("250 one\r\n354 two\r\n");
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(smtp_reply_parse(&reply, &input, &e), 1);
	assert_true(str_is(input, "354 two\r\n"));
	smtp_reply_reset(&reply);
}

static void
refuses_what_is_no_reply(void **state)
{
	static const char *const cases[] = {"\r\n", "25\r\n", "hello\r\n", "2500 x\r\n",
	    "250+x\r\n", "150 x\r\n", "600 x\r\n", "-50 x\r\n", "250-a\r\n251 b\r\n",
	    "250-a\r\nb\r\n", "250-a\r\n\r\n"};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct smtp_reply reply = SMTP_REPLY_INIT;
		struct err e = ERR_INIT;

		assert_int_equal(
		    feed(&reply, cases[i], strlen(cases[i]), strlen(cases[i]), &e), -1);
		assert_int_equal(e.ex, EX_PROTOCOL);
		smtp_reply_reset(&reply);
	}
}

static void
bounds_lines_and_replies(void **state)
{
	struct buf wire = BUF_INIT(1 << 20);
	struct smtp_reply reply = SMTP_REPLY_INIT;
	struct err e = ERR_INIT;

	(void)state;
	for (int i = 0; i < SMTP_REPLY_LINE_MAX; i++)
		buf_addc(&wire, '2');
	assert_int_equal(feed(&reply, wire.data, wire.len, 7, &e), 0);
	buf_addc(&wire, '2');
	assert_int_equal(feed(&reply, wire.data, wire.len, wire.len, &e), -1);

	buf_reset(&wire);
	smtp_reply_reset(&reply);
	buf_adds(&wire, "334 ");
	for (int i = 0; i < SMTP_REPLY_AUTH_LINE_MAX - 4; i++)
		buf_addc(&wire, 'A');
	buf_adds(&wire, "\r\n");
	assert_int_equal(feed(&reply, wire.data, wire.len, wire.len, &e), -1);

	buf_reset(&wire);
	smtp_reply_reset(&reply);
	for (int i = 0; i <= SMTP_REPLY_LINES_MAX; i++)
		buf_adds(&wire, "250-again\r\n");
	assert_int_equal(feed(&reply, wire.data, wire.len, wire.len, &e), -1);
	assert_int_equal(e.ex, EX_PROTOCOL);
	smtp_reply_reset(&reply);
	buf_free(&wire);
}

static void
shows_control_bytes_escaped(void **state)
{
	static const char wire[] = "550-5.1.1 a\x1b[2Jb\r\n550 c\0d\r\n";
	struct smtp_reply reply = SMTP_REPLY_INIT;
	struct buf shown = BUF_INIT(1024);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(feed(&reply, wire, sizeof wire - 1, sizeof wire - 1, &e), 1);
	smtp_reply_print(&reply, &shown);
	assert_string_equal(buf_text(&shown), "550 5.1.1 a\\x1b[2Jb c\\x00d");
	buf_free(&shown);
	smtp_reply_reset(&reply);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_replies_however_they_arrive),
	    cmocka_unit_test(leaves_what_follows_the_reply),
	    cmocka_unit_test(refuses_what_is_no_reply),
	    cmocka_unit_test(bounds_lines_and_replies),
	    cmocka_unit_test(shows_control_bytes_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
