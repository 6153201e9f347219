/*
 * Units of base/process: the deadline of a command.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/process.h"

#include "base/banned.h"

static void
ends_a_command_at_its_deadline(void **state)
{
	static const char *const lines[] = {"sleep 60", "sleep 60 & sleep 60; true"};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct process p = {.line = lines[i]};
		struct buf out = BUF_INIT(4096);
		struct err e = ERR_INIT;

		assert_int_equal(process_run(&p, deadline_in(200), &out, &e), -1);
		assert_int_equal(e.ex, EX_TEMPFAIL);
		assert_int_equal(p.status, -1);
		buf_free(&out);
	}
}

static void
takes_what_a_command_prints_in_time(void **state)
{
	struct process p = {.line = "printf secret"};
	struct buf out = BUF_INIT(4096);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(process_run(&p, deadline_in(30000), &out, &e), 0);
	assert_string_equal(buf_text(&out), "secret");
	assert_int_equal(p.status, 0);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ends_a_command_at_its_deadline),
	    cmocka_unit_test(takes_what_a_command_prints_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
