/*
 * Units of app/help: every command and option is there, and no line is too long.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/command.h"
#include "app/help.h"
#include "app/option.h"

#include "base/banned.h"

static void
fits_a_terminal(void **state)
{
	struct buf out = BUF_INIT(65536);
	struct slice rest;

	(void)state;
	app_help_write(&out);
	assert_false(out.full);
	for (rest = buf_slice(&out); rest.len > 0;) {
		struct slice line = str_cut(&rest, '\n');

		assert_true(line.len <= 80);
		assert_true(line.len == 0 || line.ptr[line.len - 1] != ' ');
	}
	buf_free(&out);
}

static void
shows_every_row(void **state)
{
	struct buf out = BUF_INIT(65536);
	const struct app_option *option;
	const struct app_command *command;

	(void)state;
	app_help_write(&out);
	for (size_t i = 0; (option = app_option_at(i)) != NULL; i++) {
		const char letter[] = {'-', option->letter, '\0'};

		assert_non_null(
		    strstr(buf_text(&out), option->name != NULL ? option->name : letter));
	}
	for (size_t i = 0; (command = app_command_at(i)) != NULL; i++) {
		if (command->name != NULL)
			assert_int_equal(
			    strstr(buf_text(&out), command->name) != NULL, command->help != NULL);
	}
	buf_free(&out);
}

static void
writes_a_row_as_expected(void **state)
{
	static const char *const rows[] = {
	    "\n  config [ACCOUNT]            show what is in force, and where it comes from\n",
	    ("\n  -f, --from=ADDRESS          the envelope's sender; it also chooses the\n"
	     "                              account; '' for none\n"),
	    "\n      --tls[=on|off]          encrypt\n",
	    "\n      --auth[=on|off|MECHANISM]\n                              log in\n",
	    "\n  -F NAME                     the sender's full name,",
	    "\n  -Ac|m, -BTYPE, -c,",
	};
	struct buf out = BUF_INIT(65536);

	(void)state;
	app_help_write(&out);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_non_null(strstr(buf_text(&out), rows[i]));
	buf_free(&out);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fits_a_terminal),
	    cmocka_unit_test(shows_every_row),
	    cmocka_unit_test(writes_a_row_as_expected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
