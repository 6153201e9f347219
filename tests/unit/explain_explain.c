/*
 * Units of explain: the stage and the codes decide how the program ends.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sysexits.h>

#include <cmocka.h>

#include "explain/explain.h"

#include "base/banned.h"

static void
gives_the_exit_code(void **state)
{
	static const struct {
		enum explain_stage stage;
		int code;
		const char *enhanced;
		int ex;
	} cases[] = {
	    {EXPLAIN_AUTH, 535, "5.7.8", EX_NOPERM},
	    {EXPLAIN_AUTH, 454, "4.7.0", EX_TEMPFAIL},
	    {EXPLAIN_MAIL, 530, "5.7.0", EX_NOPERM},
	    {EXPLAIN_MAIL, 550, "", EX_NOPERM},
	    {EXPLAIN_MAIL, 553, "5.7.1", EX_NOPERM},
	    {EXPLAIN_MAIL, 552, "5.3.4", EX_DATAERR},
	    {EXPLAIN_RCPT, 550, "5.1.1", EX_NOUSER},
	    {EXPLAIN_RCPT, 450, "4.2.0", EX_TEMPFAIL},
	    {EXPLAIN_RCPT, 599, "", EX_NOUSER},
	    {EXPLAIN_DATA, 552, "", EX_DATAERR},
	    {EXPLAIN_DATA, 552, "5.2.2", EX_NOUSER},
	    {EXPLAIN_DATA, 554, "5.7.1", EX_UNAVAILABLE},
	    {EXPLAIN_DATA, 451, "", EX_TEMPFAIL},
	    {EXPLAIN_CONNECT, 554, "", EX_UNAVAILABLE},
	    {EXPLAIN_CONNECT, 421, "", EX_TEMPFAIL},
	    {EXPLAIN_DATA, 421, "4.7.0", EX_TEMPFAIL},
	    {EXPLAIN_EHLO, 502, "", EX_UNAVAILABLE},
	    {EXPLAIN_TLS, 454, "", EX_TEMPFAIL},
	    {EXPLAIN_DATA, 250, "", EX_UNAVAILABLE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct explain_verdict v =
		    explain_reply(cases[i].stage, cases[i].code, cases[i].enhanced);

		assert_int_equal(v.ex, cases[i].ex);
		assert_true(v.cause[0] != '\0');
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_the_exit_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
