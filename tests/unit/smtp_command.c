/*
 * Units of smtp/command and smtp/path: paths are what RFC 5321 says and nothing wider, and no value
 * of a caller can end a command line that we write.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "smtp/command.h"

#include "base/banned.h"

#define TEN(text) text text text text text text text text text text

enum { OFFERED = SMTP_PARAMS_SIZE | SMTP_PARAMS_BODY | SMTP_PARAMS_SMTPUTF8 };

static void
knows_each_verb(void **state)
{
	static const struct {
		const char *line;
		enum smtp_command_verb verb;
		int code; /* 0: well-formed */
	} cases[] = {
	    {"EHLO client.example", SMTP_COMMAND_EHLO, 0},
	    {"ehlo [IPv6:::1]", SMTP_COMMAND_EHLO, 0},
	    {"EHLO", SMTP_COMMAND_EHLO, 501},
	    {"EHLO a b", SMTP_COMMAND_EHLO, 501},
	    {"HELO (comment)", SMTP_COMMAND_HELO, 501},
	    {"DATA", SMTP_COMMAND_DATA, 0},
	    {"DATA ", SMTP_COMMAND_DATA, 0},
	    {"DATA now", SMTP_COMMAND_DATA, 501},
	    {"BDAT 0 LAST", SMTP_COMMAND_BDAT, 0},
	    {"BDAT 9223372036854775807", SMTP_COMMAND_BDAT, 0},
	    {"BDAT 9223372036854775808", SMTP_COMMAND_BDAT, 501},
	    {"BDAT 1 FIRST", SMTP_COMMAND_BDAT, 501},
	    {"BDAT", SMTP_COMMAND_BDAT, 501},
	    {"NOOP what you like", SMTP_COMMAND_NOOP, 0},
	    {"AUTH PLAIN AHgAeA==", SMTP_COMMAND_AUTH, 0},
	    {"AUTH PLAIN a b", SMTP_COMMAND_AUTH, 501},
	    {"AUTH", SMTP_COMMAND_AUTH, 501},
	    {"STARTTLS x", SMTP_COMMAND_STARTTLS, 501},
	    {"VRFY", SMTP_COMMAND_VRFY, 501},
	    {"GET / HTTP/1.1", SMTP_COMMAND_UNKNOWN, 0},
	    {"", SMTP_COMMAND_UNKNOWN, 0},
	    {"NOOP\tx", SMTP_COMMAND_UNKNOWN, 501},
	    {"NOOP \rx", SMTP_COMMAND_UNKNOWN, 501},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err e = ERR_INIT;
		struct smtp_command c;
		int got = smtp_command_parse(str_slice(cases[i].line), false, OFFERED, &c, &e);

		assert_int_equal(got, cases[i].code == 0 ? 0 : -1);
		assert_int_equal(e.code, cases[i].code);
		assert_int_equal(c.verb, cases[i].verb);
	}
}

static void
takes_paths_as_the_rfc_has_them(void **state)
{
	static const struct {
		bool lenient;
		const char *line;
		const char *path; /* NULL: refused with 501 */
	} cases[] = {
	    {false, "MAIL FROM:<>", ""},
	    {false, "mail from:<a.b+c@Example.org>", "a.b+c@Example.org"},
	    {false, "MAIL FROM:<root>", "root"},
	    {false, "MAIL FROM:<\"a b\\\"\"@c>", "\"a b\\\"\"@c"},
	    {false, "MAIL FROM:<\"<x>@y\"@c>", "\"<x>@y\"@c"},
	    {false, "MAIL FROM:<@one,@two.example:a@b>", "a@b"},
	    {false, "MAIL FROM:<a@[192.0.2.1]>", "a@[192.0.2.1]"},
	    {false, "MAIL FROM:<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]"},
	    {false, "MAIL FROM:<\xc3\xa0@\xc3\xa8.it>", "\xc3\xa0@\xc3\xa8.it"},
	    {false, "MAIL FROM:<" TEN("123456") "1234@b>", TEN("123456") "1234@b"},
	    {false, "MAIL FROM:<a@" TEN("1234567890123456789012345") "b.example>", NULL},
	    {false, "MAIL FROM: <a@b>", NULL},
	    {false, "MAIL FROM:a@b", NULL},
	    {true, "MAIL FROM: <a@b>", "a@b"},
	    {true, "MAIL FROM:a@b", "a@b"},
	    {true, "MAIL FROM: a@b SIZE=3", "a@b"},
	    {true, "MAIL FROM:", NULL},
	    {false, "MAIL FROM:<a@b>x", NULL},
	    {false, "MAIL FROM:<a@b", NULL},
	    {false, "MAIL FROM:<a b@c>", NULL},
	    {false, "MAIL FROM:<a..b@c>", NULL},
	    {false, "MAIL FROM:<.a@c>", NULL},
	    {false, "MAIL FROM:<a.@c>", NULL},
	    {false, "MAIL FROM:<@c>", NULL},
	    {false, "MAIL FROM:<a@>", NULL},
	    {false, "MAIL FROM:<a@b.>", NULL},
	    {false, "MAIL FROM:<a@b@c>", NULL},
	    {false, "MAIL FROM:<\"a@c>", NULL},
	    {false, "MAIL FROM:<\"a\\", NULL},
	    {false, "MAIL FROM:<a@[256.0.0.1]>", NULL},
	    {false, "MAIL FROM:<a@[IPv6:192.0.2.1]>", NULL},
	    {false, "MAIL FROM:<a@[1.2.3.4>", NULL},
	    {false, "MAIL FROM:<\xc3@b>", NULL},
	    {false, "MAIL TO:<a@b>", NULL},
	    {false, "RCPT TO:<Postmaster>", "Postmaster"},
	    {false, "RCPT TO:<>", NULL},
	    {false, "RCPT TO:<@a:b@c>", "b@c"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err e = ERR_INIT;
		struct smtp_command c;
		int got =
		    smtp_command_parse(str_slice(cases[i].line), cases[i].lenient, OFFERED, &c, &e);

		assert_int_equal(got, cases[i].path != NULL ? 0 : -1);
		if (cases[i].path != NULL)
			assert_string_equal(c.path.text, cases[i].path);
		else
			assert_int_equal(e.code, 501);
	}
}

static void
splits_a_path(void **state)
{
	struct smtp_path p;

	(void)state;
	assert_true(smtp_path_parse_bare(str_slice("\"a@b\"@c.d"), &p));
	assert_true(str_is(smtp_path_local(&p), "\"a@b\""));
	assert_true(str_is(smtp_path_domain(&p), "c.d"));
	assert_true(smtp_path_parse_bare(str_slice("root"), &p));
	assert_true(str_is(smtp_path_local(&p), "root"));
	assert_true(str_is(smtp_path_domain(&p), ""));
}

static void
reads_parameters_that_are_offered(void **state)
{
	struct err e = ERR_INIT;
	struct smtp_command c;

	(void)state;
	assert_int_equal(smtp_command_parse(
			     str_slice("MAIL FROM:<a@b> SIZE=12 SMTPUTF8"), false, OFFERED, &c, &e),
	    0);
	assert_int_equal(c.params.given, SMTP_PARAMS_SIZE | SMTP_PARAMS_SMTPUTF8);
	assert_int_equal(c.params.size, 12);
	assert_int_equal(
	    smtp_command_parse(str_slice("RCPT TO:<a@b> NOTIFY=NEVER"), false, OFFERED, &c, &e),
	    -1);
	assert_int_equal(e.code, 555);
}

static void
writes_lines(void **state)
{
	struct smtp_params p = {
	    .given = SMTP_PARAMS_SIZE | SMTP_PARAMS_NOTIFY, .size = 5, .notify = MAIL_DSN_NEVER};
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT(1000);

	(void)state;
	assert_int_equal(smtp_command_mail(&b, str_slice("a@b"), &p, &e), 0);
	assert_int_equal(smtp_command_mail(&b, str_slice(""), NULL, &e), 0);
	assert_int_equal(smtp_command_rcpt(&b, str_slice("c"), &p, &e), 0);
	assert_string_equal(
	    buf_text(&b), "MAIL FROM:<a@b> SIZE=5\r\nMAIL FROM:<>\r\nRCPT TO:<c> NOTIFY=NEVER\r\n");
	buf_free(&b);
}

static void
never_writes_what_is_no_path(void **state)
{
	static const char *const cases[] = {
	    "a@b>\r\nRCPT TO:<x@y",
	    "a\r\nb@c",
	    "\"a\r\nb\"@c",
	    "a@b> SIZE=1",
	    "a b@c",
	    "<a@b>",
	    "\"a\nb\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err e = ERR_INIT;
		struct buf b = BUF_INIT(1000);

		assert_int_equal(smtp_command_mail(&b, str_slice(cases[i]), NULL, &e), -1);
		assert_int_equal(e.ex, EX_DATAERR);
		assert_int_equal(b.len, 0);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(knows_each_verb),
	    cmocka_unit_test(takes_paths_as_the_rfc_has_them),
	    cmocka_unit_test(splits_a_path),
	    cmocka_unit_test(reads_parameters_that_are_offered),
	    cmocka_unit_test(writes_lines),
	    cmocka_unit_test(never_writes_what_is_no_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
