/*
 * Units of base/str: cutting, numbers, and the text that is safe to show.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"

#include "base/banned.h"

static void
cuts_at_each_separator(void **state)
{
	struct slice rest = str_slice("a,,b");

	(void)state;
	assert_true(str_is(str_cut(&rest, ','), "a"));
	assert_true(str_is(str_cut(&rest, ','), ""));
	assert_true(str_is(str_cut(&rest, ','), "b"));
	assert_null(rest.ptr);
}

static void
tells_a_text_that_is_not_there_from_an_empty_one(void **state)
{
	(void)state;
	assert_true(str_same(NULL, NULL));
	assert_true(str_same("a", "a"));
	assert_false(str_same("a", "A"));
	assert_false(str_same(NULL, ""));
	assert_false(str_same("", NULL));
}

static void
takes_only_whole_numbers_in_range(void **state)
{
	static const struct {
		const char *text;
		bool ok;
	} cases[] = {
	    {"1", true},
	    {"65535", true},
	    {"0", false},
	    {"65536", false},
	    {"", false},
	    {" 1", false},
	    {"+1", false},
	    {"1x", false},
	    {"18446744073709551616", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint64_t out = 77;

		assert_int_equal(str_number(str_slice(cases[i].text), 1, 65535, &out), cases[i].ok);
		if (!cases[i].ok)
			assert_int_equal(out, 77);
	}
}

static void
escapes_what_a_terminal_would_obey(void **state)
{
	static const struct {
		const char *raw, *shown;
	} cases[] = {
	    {"plain", "plain"},
	    {"\x1b[31m", "\\x1b[31m"},
	    {"a\r\nb", "a\\x0d\\x0ab"},
	    {"citt\xc3\xa0", "citt\xc3\xa0"},
	    {"citt\xe0", "citt\\xe0"},
	    {"\xc2\x9b", "\\xc2\\x9b"},
	    {"\xe2\x80\xae", "\\xe2\\x80\\xae"},
	    {"\xc0\xaf", "\\xc0\\xaf"},
	    {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)str_escape(out, sizeof out, str_slice(cases[i].raw));
		assert_string_equal(out, cases[i].shown);
	}
}

static void
escape_cuts_between_characters(void **state)
{
	char out[5];

	(void)state;
	assert_int_equal(str_escape(out, sizeof out, str_slice("abc\xc3\xa0")), 3);
	assert_string_equal(out, "abc");
	assert_int_equal(str_escape(out, sizeof out, str_slice("a\n")), 1);
}

static void
writes_hexadecimal_digits(void **state)
{
	char out[7] = "??????";

	(void)state;
	str_hex(out, "\x00\x9f\xa0", 3);
	assert_string_equal(out, "009fa0");
	str_hex(out, "", 0);
	assert_string_equal(out, "");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cuts_at_each_separator),
	    cmocka_unit_test(tells_a_text_that_is_not_there_from_an_empty_one),
	    cmocka_unit_test(takes_only_whole_numbers_in_range),
	    cmocka_unit_test(escapes_what_a_terminal_would_obey),
	    cmocka_unit_test(escape_cuts_between_characters),
	    cmocka_unit_test(writes_hexadecimal_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
