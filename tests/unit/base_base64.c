/*
 * Units of base/base64: RFC 4648's own examples both ways, the alphabet for addresses, and what is
 * no base64.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"

#include "base/banned.h"

enum { MAXIMUM = 64 };

static void
goes_there_and_back(void **state)
{
	static const struct {
		const char *bytes, *text, *url;
	} cases[] = {
	    {"", "", ""},
	    {"f", "Zg==", "Zg"},
	    {"fo", "Zm8=", "Zm8"},
	    {"foo", "Zm9v", "Zm9v"},
	    {"foob", "Zm9vYg==", "Zm9vYg"},
	    {"fooba", "Zm9vYmE=", "Zm9vYmE"},
	    {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
	    {"\xfb\xff\xbf", "+/+/", "-_-_"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf text = BUF_INIT(MAXIMUM), url = BUF_INIT(MAXIMUM),
			   back = BUF_INIT(MAXIMUM);

		base64_encode(&text, str_slice(cases[i].bytes));
		base64_encode_url(&url, str_slice(cases[i].bytes));
		assert_string_equal(buf_text(&text), cases[i].text);
		assert_string_equal(buf_text(&url), cases[i].url);
		assert_true(base64_decode(&back, buf_slice(&text)));
		assert_string_equal(buf_text(&back), cases[i].bytes);
		buf_free(&text);
		buf_free(&url);
		buf_free(&back);
	}
}

static void
refuses_what_is_none(void **state)
{
	static const char *const cases[] = {"Z", "Zg", "Zg=", "Zg===", "=",
	    "====", "A===", "Zm9v\n", "Zm 9", "Zm9v\r\nYg==", "Zg==Zg==", "-_-_", "Zm9\xc3"};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = BUF_INIT(MAXIMUM);

		assert_false(base64_decode(&out, str_slice(cases[i])));
		buf_free(&out);
	}
}

static void
stops_where_there_is_no_room(void **state)
{
	struct buf out = BUF_INIT(2);

	(void)state;
	assert_false(base64_decode(&out, str_slice("Zm9v")));
	assert_true(out.full);
	buf_free(&out);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(goes_there_and_back),
	    cmocka_unit_test(refuses_what_is_none),
	    cmocka_unit_test(stops_where_there_is_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
