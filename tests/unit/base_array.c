/*
 * Units of base/array: what was added stays, and moves seldom.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/array.h"

#include "base/banned.h"

enum { MANY = 1000 };

static void
keeps_what_was_added(void **state)
{
	size_t *items = NULL;

	(void)state;
	for (size_t count = 0; count < MANY; count++) {
		size_t *grown = array_grow(items, count, sizeof *grown);

		assert_non_null(grown);
		items = grown;
		items[count] = count;
	}
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(items[i], i);
	free(items);
}

static void
moves_only_where_a_power_of_two_is_full(void **state)
{
	char *five = array_grow(NULL, 0, 1);

	(void)state;
	for (size_t count = 1; count < 5; count++)
		five = array_grow(five, count, 1);
	assert_ptr_equal(array_grow(five, 5, 1), five);
	assert_ptr_equal(array_grow(five, 7, 1), five);
	free(five);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keeps_what_was_added),
	    cmocka_unit_test(moves_only_where_a_power_of_two_is_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
