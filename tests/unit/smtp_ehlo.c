/*
 * Units of smtp/ehlo: what a server's reply to EHLO is read for.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "smtp/ehlo.h"

#include "base/banned.h"

static void
read_ehlo(struct smtp_ehlo *ehlo, const char *wire)
{
	struct smtp_reply reply = SMTP_REPLY_INIT;
	struct slice input = str_slice(wire);
	struct err e = ERR_INIT;

	assert_int_equal(smtp_reply_parse(&reply, &input, &e), 1);
	smtp_ehlo_parse(ehlo, &reply);
	smtp_reply_reset(&reply);
}

static void
reads_the_extensions(void **state)
{
	struct smtp_ehlo ehlo;

	(void)state;
	read_ehlo(&ehlo, "250-PIPELINING greets you\r\n250-size 35882577\r\n250-8BITMIME\r\n"
			 "250-AUTH LOGIN plain\r\n250-X-UNKNOWN\r\n250 SMTPUTF8\r\n");
	assert_int_equal(ehlo.extensions,
	    SMTP_EHLO_SIZE | SMTP_EHLO_8BITMIME | SMTP_EHLO_AUTH | SMTP_EHLO_SMTPUTF8);
	assert_int_equal(ehlo.size, 35882577);
	assert_string_equal(ehlo.auth, " LOGIN PLAIN ");
}

static void
joins_the_old_form_of_auth(void **state)
{
	struct smtp_ehlo ehlo;

	(void)state;
	read_ehlo(&ehlo, "250-x\r\n250-AUTH=LOGIN\r\n250 AUTH PLAIN\r\n");
	assert_string_equal(ehlo.auth, " LOGIN PLAIN ");
}

static void
takes_no_nonsense_for_a_size(void **state)
{
	static const char *const cases[] = {"250-x\r\n250 SIZE\r\n", "250-x\r\n250 SIZE many\r\n",
	    "250-x\r\n250 SIZE -1\r\n", "250-x\r\n250 SIZE 99999999999999999999999\r\n"};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct smtp_ehlo ehlo;

		read_ehlo(&ehlo, cases[i]);
		assert_int_equal(ehlo.size, 0);
		assert_int_equal(ehlo.extensions, SMTP_EHLO_SIZE);
	}
}

static void
reads_the_limits(void **state)
{
	static const struct {
		const char *words;
		struct smtp_ehlo_limits limits;
	} cases[] = {
	    {"MAILMAX=5 RCPTMAX=100 RCPTDOMAINMAX=1", {5, 100, 1}},
	    {" rcptmax=7  XMAX=3", {0, 7, 0}},
	    {"RCPTMAX=0 MAILMAX=1000000 RCPTDOMAINMAX=-1", {0, 0, 0}},
	    {"RCPTMAX MAILMAX= RCPTDOMAINMAX=x", {0, 0, 0}},
	    {"", {0, 0, 0}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf wire = BUF_INIT(4096);
		struct smtp_ehlo ehlo;

		buf_addf(&wire, "250-x\r\n250 LIMITS %s\r\n", cases[i].words);
		read_ehlo(&ehlo, buf_text(&wire));
		assert_int_equal(ehlo.extensions, SMTP_EHLO_LIMITS);
		assert_int_equal(ehlo.limits.mails, cases[i].limits.mails);
		assert_int_equal(ehlo.limits.recipients, cases[i].limits.recipients);
		assert_int_equal(ehlo.limits.domains, cases[i].limits.domains);
		buf_free(&wire);
	}
}

static void
leaves_out_mechanisms_beyond_its_room(void **state)
{
	struct buf wire = BUF_INIT(4096);
	struct smtp_ehlo ehlo;

	(void)state;
	buf_adds(&wire, "250-x\r\n250 AUTH");
	for (int i = 0; i < 200; i++)
		buf_adds(&wire, " MECHANISM");
	buf_adds(&wire, "\r\n");
	read_ehlo(&ehlo, wire.data);
	assert_true(strlen(ehlo.auth) < sizeof ehlo.auth);
	assert_int_equal(ehlo.auth[strlen(ehlo.auth) - 1], ' ');
	buf_free(&wire);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_the_extensions),
	    cmocka_unit_test(joins_the_old_form_of_auth),
	    cmocka_unit_test(takes_no_nonsense_for_a_size),
	    cmocka_unit_test(reads_the_limits),
	    cmocka_unit_test(leaves_out_mechanisms_beyond_its_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
