/*
 * Units of base/json: what is written, and that it is valid whatever the bytes are.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"

#include "base/banned.h"

static void
writes_objects_arrays_and_values(void **state)
{
	struct buf out = BUF_INIT(1024);
	struct json j = JSON_INIT(&out);

	(void)state;
	json_object(&j, NULL);
	json_text(&j, "host", str_slice("smtp.example.org"));
	json_object(&j, "empty");
	json_object_end(&j);
	json_array(&j, "from");
	json_text(&j, NULL, str_slice("a@b"));
	json_number(&j, NULL, -7);
	json_array_end(&j);
	json_bool(&j, "tls", true);
	json_text(&j, "user", str_slice(NULL));
	json_object_end(&j);
	assert_string_equal(buf_text(&out),
	    "{\"host\":\"smtp.example.org\",\"empty\":{},\"from\":[\"a@b\",-7],\"tls\":true,"
	    "\"user\":null}");
	buf_free(&out);
}

static void
escapes_what_a_string_may_not_hold(void **state)
{
	static const struct {
		const char *raw, *written;
	} cases[] = {
	    {"", "\"\""},
	    {"a\"b\\c", "\"a\\\"b\\\\c\""},
	    {"\n\x7f", "\"\\u000a\\u007f\""},
	    {"citt\xc3\xa0", "\"citt\xc3\xa0\""},
	    {"citt\xe0\xc3\xa0", "\"citt\\u00e0\\u00c3\\u00a0\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = BUF_INIT(1024);
		struct json j = JSON_INIT(&out);

		json_text(&j, NULL, str_slice(cases[i].raw));
		assert_string_equal(buf_text(&out), cases[i].written);
		buf_free(&out);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_objects_arrays_and_values),
	    cmocka_unit_test(escapes_what_a_string_may_not_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
