/*
 * Units of explain: stage, provider, text and codes decide what a reply means. The table's rows are
 * gone through in tests/cli/test_explain.py.
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
gives_class_and_exit_code(void **state)
{
	static const struct {
		enum explain_stage stage;
		int code;
		const char *enhanced, *text, *class;
		int ex;
	} cases[] = {
	    {EXPLAIN_AUTH, 535, "5.7.8", "", "auth_bad", EX_NOPERM},
	    {EXPLAIN_AUTH, 454, "4.7.0", "", "auth_temp", EX_TEMPFAIL},
	    {EXPLAIN_AUTH, 534, "", "", "auth_app_password", EX_NOPERM},
	    {EXPLAIN_MAIL, 530, "5.7.0", "", "auth_required", EX_NOPERM},
	    {EXPLAIN_MAIL, 550, "", "", "sender_refused", EX_NOPERM},
	    {EXPLAIN_MAIL, 553, "5.7.1", "", "sender_refused", EX_NOPERM},
	    {EXPLAIN_MAIL, 552, "5.3.4", "", "size", EX_DATAERR},
	    {EXPLAIN_RCPT, 550, "5.1.1", "", "rcpt_unknown", EX_NOUSER},
	    {EXPLAIN_RCPT, 450, "4.2.0", "", "greylist", EX_TEMPFAIL},
	    {EXPLAIN_RCPT, 599, "", "", "rcpt_unknown", EX_NOUSER},
	    {EXPLAIN_RCPT, 552, "", "", "rcpt_full", EX_TEMPFAIL},
	    {EXPLAIN_DATA, 552, "", "", "size", EX_DATAERR},
	    {EXPLAIN_DATA, 552, "5.2.2", "", "rcpt_full", EX_TEMPFAIL},
	    {EXPLAIN_DATA, 554, "5.7.1", "", "content", EX_UNAVAILABLE},
	    {EXPLAIN_DATA, 451, "", "", "temp", EX_TEMPFAIL},
	    {EXPLAIN_DATA, 421, "4.7.0", "", "temp", EX_TEMPFAIL},
	    {EXPLAIN_DATA, 250, "", "", "policy", EX_UNAVAILABLE},
	    {EXPLAIN_CONNECT, 554, "", "", "ip_block", EX_TEMPFAIL},
	    {EXPLAIN_CONNECT, 421, "", "", "temp", EX_TEMPFAIL},
	    {EXPLAIN_EHLO, 502, "", "", "syntax", EX_PROTOCOL},
	    {EXPLAIN_TLS, 454, "", "", "tls_temp", EX_TEMPFAIL},
	    /* The text counts for more than the codes, whatever the server is set up to say. */
	    {EXPLAIN_RCPT, 454, "4.7.1", "<a@b>: Relay access denied", "relay_denied", EX_NOUSER},
	    {EXPLAIN_RCPT, 550, "5.7.1", "<a@b>: Relay access denied", "relay_denied", EX_NOUSER},
	    {EXPLAIN_DATA, 451, "5.7.3", "no\nroom", "temp", EX_TEMPFAIL},
	    {EXPLAIN_UNKNOWN, 535, "", "", "auth_bad", EX_NOPERM},
	    {EXPLAIN_UNKNOWN, 550, "", "", "rcpt_unknown", EX_NOUSER},
	    {EXPLAIN_CONNECT, 0, "", "connect: Connection refused", "net", EX_UNAVAILABLE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct explain_question q = {
		    .stage = cases[i].stage,
		    .code = cases[i].code,
		    .enhanced = cases[i].enhanced,
		    .text = str_slice(cases[i].text),
		};
		struct explain_verdict v = explain_reply(&q);

		assert_string_equal(v.class, cases[i].class);
		assert_int_equal(v.ex, cases[i].ex);
		assert_int_equal(v.ex == EX_TEMPFAIL, explain_retry_helps(v.retry));
		assert_true(v.cause[0] != '\0' && v.remedy[0] != '\0');
	}
}

/* The same words mean another thing with another provider. */
static void
hears_the_provider(void **state)
{
	struct explain_question q = {
	    .stage = EXPLAIN_DATA,
	    .provider = "yahoo",
	    .code = 450,
	    .enhanced = "",
	    .text = str_slice("Requested mail action not taken: mailbox unavailable"),
	};

	(void)state;
	assert_string_equal(explain_reply(&q).class, "sender_refused");
	assert_int_equal(explain_reply(&q).retry, EXPLAIN_RETRY_FIX);
	q.provider = "tiscali";
	assert_int_equal(explain_reply(&q).retry, EXPLAIN_RETRY_BACKOFF);
	q.provider = "gmail";
	q.code = 550;
	q.enhanced = "5.4.5";
	q.text = str_slice("Daily user sending limit exceeded");
	assert_int_equal(explain_reply(&q).retry, EXPLAIN_RETRY_TOMORROW);
	assert_true(explain_knows("gmx") && explain_knows("postfix") && !explain_knows("gmxx"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_class_and_exit_code),
	    cmocka_unit_test(hears_the_provider),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
