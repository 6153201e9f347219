/*
 * Units of base/suggest: what counts as near, and which word is nearest.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/suggest.h"

#include "base/banned.h"

static void
counts_the_letters_that_are_wrong(void **state)
{
	static const struct {
		const char *a, *b;
		size_t distance;
	} cases[] = {
	    {"", "", 0},
	    {"", "abc", 3},
	    {"host", "host", 0},
	    {"HOST", "host", 0},
	    {"hots", "host", 1},
	    {"hst", "host", 1},
	    {"hoost", "host", 1},
	    {"post", "host", 1},
	    {"kitten", "sitting", 3},
	    {"tls_startls", "tls_starttls", 1},
	    {"a234567890b234567890c234567890d234567890e", "a", SIZE_MAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct slice a = str_slice(cases[i].a), b = str_slice(cases[i].b);

		assert_int_equal(suggest_distance(a, b), cases[i].distance);
		assert_int_equal(suggest_distance(b, a), cases[i].distance);
	}
}

static void
finds_the_nearest_and_nothing_far(void **state)
{
	static const char *const known[] = {"host", "port", "user", "password", "passwordeval"};
	static const struct {
		const char *word, *best;
	} cases[] = {
	    {"hots", "host"},
	    {"Port", "port"},
	    {"passwd", "password"},
	    {"passwordevel", "passwordeval"},
	    {"zebra", NULL},
	    {"x", NULL},
	    {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct suggest s = suggest_for(str_slice(cases[i].word));

		for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
			suggest_offer(&s, known[k]);
		if (cases[i].best == NULL)
			assert_null(s.best);
		else
			assert_string_equal(s.best, cases[i].best);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counts_the_letters_that_are_wrong),
	    cmocka_unit_test(finds_the_nearest_and_nothing_far),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
