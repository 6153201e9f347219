/*
 * Units of base/secret: bytes that differ from call to call, and a comparison of all of them.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"

#include "base/banned.h"

static void
compares(void **state)
{
	(void)state;
	assert_true(secret_equal("abc", "abd", 2));
	assert_false(secret_equal("abc", "abd", 3));
	assert_false(secret_equal("xbc", "abc", 3));
	assert_true(secret_equal("a", "b", 0));
}

static void
gives_others_each_time(void **state)
{
	unsigned char a[SECRET_RANDOM_MAX] = {0}, b[SECRET_RANDOM_MAX] = {0};
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(secret_random(a, sizeof a, &e), 0);
	assert_int_equal(secret_random(b, sizeof b, &e), 0);
	assert_memory_not_equal(a, b, sizeof a);
	assert_memory_not_equal(a + sizeof a / 2, a, sizeof a / 2);
}

static void
fails_beyond_its_maximum(void **state)
{
	unsigned char out[SECRET_RANDOM_MAX + 1];
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(secret_random(out, sizeof out, &e), -1);
	assert_int_equal(e.ex, EX_OSERR);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(compares),
	    cmocka_unit_test(gives_others_each_time),
	    cmocka_unit_test(fails_beyond_its_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
