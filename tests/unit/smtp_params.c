/*
 * Units of smtp/params: what is read comes out as it went in, and what is no parameter is refused
 * with the right reply.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "smtp/params.h"

#include "base/banned.h"

static void
writes_what_it_read(void **state)
{
	static const struct {
		unsigned allowed;
		const char *text, *written;
	} cases[] = {
	    {SMTP_PARAMS_OF_MAIL, "", ""},
	    {SMTP_PARAMS_OF_MAIL, "size=18446744073709551615", " SIZE=18446744073709551615"},
	    {SMTP_PARAMS_OF_MAIL, "SMTPUTF8  body=8bitmime SIZE=0",
		" SIZE=0 BODY=8BITMIME SMTPUTF8"},
	    {SMTP_PARAMS_OF_MAIL, "BODY=BINARYMIME", " BODY=BINARYMIME"},
	    {SMTP_PARAMS_OF_MAIL, "ret=hdrs ENVID=a+2Bb+3Dc", " RET=HDRS ENVID=a+2Bb+3Dc"},
	    {SMTP_PARAMS_OF_MAIL, "ENVID=a+20b+41", " ENVID=a+20bA"},
	    {SMTP_PARAMS_OF_MAIL, "AUTH=<>", " AUTH=<>"},
	    {SMTP_PARAMS_OF_MAIL, "AUTH=e+3Dmc2@example.com", " AUTH=e+3Dmc2@example.com"},
	    {SMTP_PARAMS_OF_RCPT, "NOTIFY=never", " NOTIFY=NEVER"},
	    {SMTP_PARAMS_OF_RCPT, "NOTIFY=DELAY,SUCCESS", " NOTIFY=SUCCESS,DELAY"},
	    {SMTP_PARAMS_OF_RCPT, "ORCPT=rfc822;a+2Bb@c.d", " ORCPT=rfc822;a+2Bb@c.d"},
	    {SMTP_PARAMS_OF_RCPT, "ORCPT=utf-8;\xc3\xa0@c.d", " ORCPT=utf-8;\xc3\xa0@c.d"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err e = ERR_INIT;
		struct smtp_params p;
		struct buf b = BUF_INIT(1000);

		assert_int_equal(
		    smtp_params_parse(str_slice(cases[i].text), cases[i].allowed, &p, &e), 0);
		smtp_params_write(&b, &p, cases[i].allowed);
		assert_string_equal(buf_text(&b), cases[i].written);
		buf_free(&b);
	}
}

static void
refuses_with_the_right_reply(void **state)
{
	static const struct {
		unsigned allowed;
		const char *text;
		int code;
	} cases[] = {
	    {SMTP_PARAMS_OF_MAIL, "SIZE", 501},
	    {SMTP_PARAMS_OF_MAIL, "SIZE=", 501},
	    {SMTP_PARAMS_OF_MAIL, "SIZE=-1", 501},
	    {SMTP_PARAMS_OF_MAIL, "SIZE=18446744073709551616", 501},
	    {SMTP_PARAMS_OF_MAIL, "SIZE=000000000000000000001", 501},
	    {SMTP_PARAMS_OF_MAIL, "SIZE=1 size=1", 501},
	    {SMTP_PARAMS_OF_MAIL, "BODY=9BIT", 501},
	    {SMTP_PARAMS_OF_MAIL, "SMTPUTF8=1", 501},
	    {SMTP_PARAMS_OF_MAIL, "ENVID=a+0Db", 501},
	    {SMTP_PARAMS_OF_MAIL, "ENVID=a+2", 501},
	    {SMTP_PARAMS_OF_MAIL, "ENVID=a+2b", 501},
	    {SMTP_PARAMS_OF_MAIL, "ENVID=\xc3\xa0", 501},
	    {SMTP_PARAMS_OF_MAIL, "ENVID=+C3+A0", 501},
	    {SMTP_PARAMS_OF_MAIL, "NOTIFY=NEVER", 555},
	    {SMTP_PARAMS_OF_MAIL, "XFOO=1", 555},
	    {SMTP_PARAMS_OF_MAIL & ~(unsigned)SMTP_PARAMS_RET, "RET=FULL", 555},
	    {SMTP_PARAMS_OF_RCPT, "SIZE=1", 555},
	    {SMTP_PARAMS_OF_RCPT, "NOTIFY=", 501},
	    {SMTP_PARAMS_OF_RCPT, "NOTIFY=NEVER,DELAY", 501},
	    {SMTP_PARAMS_OF_RCPT, "NOTIFY=DELAY,", 501},
	    {SMTP_PARAMS_OF_RCPT, "ORCPT=a@b.c", 501},
	    {SMTP_PARAMS_OF_RCPT, "ORCPT=;a@b.c", 501},
	    {SMTP_PARAMS_OF_RCPT, "ORCPT=rfc822;a+00b", 501},
	    {SMTP_PARAMS_OF_RCPT, "ORCPT=utf-8;+E0+80", 501},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err e = ERR_INIT;
		struct smtp_params p;

		assert_int_equal(
		    smtp_params_parse(str_slice(cases[i].text), cases[i].allowed, &p, &e), -1);
		assert_int_equal(e.code, cases[i].code);
		assert_string_equal(e.enhanced, "5.5.4");
	}
}

static void
writes_only_what_is_given_and_allowed(void **state)
{
	struct smtp_params p = {
	    .given = SMTP_PARAMS_SIZE | SMTP_PARAMS_ENVID | SMTP_PARAMS_NOTIFY,
	    .size = 7,
	    .envid = "x\r\ny",
	    .notify = MAIL_DSN_NEVER,
	    .body = SMTP_PARAMS_8BITMIME,
	};
	struct buf b = BUF_INIT(1000);

	(void)state;
	smtp_params_write(&b, &p, SMTP_PARAMS_OF_MAIL);
	assert_string_equal(buf_text(&b), " SIZE=7 ENVID=x+0D+0Ay");
	buf_free(&b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_what_it_read),
	    cmocka_unit_test(refuses_with_the_right_reply),
	    cmocka_unit_test(writes_only_what_is_given_and_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
