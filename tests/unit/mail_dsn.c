/*
 * Units of mail/dsn: what is no wish is refused, and an original recipient is written so that any
 * server can read it.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mail/dsn.h"

#include "base/banned.h"

static void
reads_events(void **state)
{
	static const struct {
		const char *text;
		unsigned notify; /* 0: refused */
	} cases[] = {
	    {"never", MAIL_DSN_NEVER},
	    {"Failure,DELAY", MAIL_DSN_FAILURE | MAIL_DSN_DELAY},
	    {"success,success", MAIL_DSN_SUCCESS},
	    {"never,success", 0},
	    {"", 0},
	    {"failure,", 0},
	    {"failure delay", 0},
	    {"failure, delay", 0},
	    {"bounce", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		unsigned notify = 0;
		bool ok = mail_dsn_parse_notify(str_slice(cases[i].text), &notify);

		assert_int_equal(ok ? notify : 0, cases[i].notify);
	}
}

static void
writes_an_original_recipient(void **state)
{
	static const struct {
		const char *address, *orcpt, *written;
	} cases[] = {
	    {"a+b@c.example", "rfc822;a+b@c.example", "rfc822;a+2Bb@c.example"},
	    {"\"a =\"@c.example", "rfc822;\"a =\"@c.example", "rfc822;\"a+20+3D\"@c.example"},
	    {"\xc3\xb6+1@c.example", "utf-8;\\x{F6}\\x{2B}1@c.example",
		"utf-8;\\x{F6}\\x{2B}1@c.example"},
	    {"\xe2\x82\xac\xf0\x9f\x93\xae@c.example", "utf-8;\\x{20AC}\\x{1F4EE}@c.example",
		"utf-8;\\x{20AC}\\x{1F4EE}@c.example"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct mail_address address;
		struct buf written = BUF_INIT(1000);
		char orcpt[MAIL_DSN_ORCPT_SIZE], again[MAIL_DSN_ORCPT_SIZE];
		struct err e = ERR_INIT;

		assert_int_equal(mail_address_parse(&address, str_slice(cases[i].address), &e), 0);
		assert_true(mail_dsn_orcpt_of(&address, orcpt));
		assert_string_equal(orcpt, cases[i].orcpt);
		mail_dsn_write_orcpt(&written, orcpt);
		assert_string_equal(buf_text(&written), cases[i].written);
		assert_true(mail_dsn_parse_orcpt(buf_slice(&written), again));
		assert_string_equal(again, orcpt);
		buf_free(&written);
		mail_address_free(&address);
	}
}

static void
reads_an_original_recipient(void **state)
{
	static const char *const bad[] = {"", "a@b.c", ";a@b.c", "rfc822;", "rfc 822;a",
	    "rfc822;a=b", "rfc822;a+0Ab", "rfc822;+4"};
	char orcpt[MAIL_DSN_ORCPT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(mail_dsn_parse_orcpt(str_slice(bad[i]), orcpt));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_events),
	    cmocka_unit_test(writes_an_original_recipient),
	    cmocka_unit_test(reads_an_original_recipient),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
