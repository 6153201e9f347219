/*
 * scratch: a folder of its own for each test, which is its working directory and its home. The
 * variables that name other folders are not set.
 */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A cmocka fixture: *STATE is the folder's name. */
static int
scratch_set_up(void **state)
{
	static const char *const variables[] = {
	    "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "IMBUCA_ACCOUNTS"};
	char *folder = strdup("/tmp/imbuca-unit-XXXXXX");

	assert_non_null(folder);
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(setenv("HOME", folder, 1), 0);
	for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
		(void)unsetenv(variables[i]);
	*state = folder;
	return 0;
}

static int
scratch_remove(const char *name, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(name);
}

/* Removes the folder with all that is in it. */
static int
scratch_tear_down(void **state)
{
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(nftw(*state, scratch_remove, 16, FTW_DEPTH | FTW_PHYS), 0);
	free(*state);
	return 0;
}

/* The row of a test of that kind. */
#define SCRATCH_TEST(f) cmocka_unit_test_setup_teardown(f, scratch_set_up, scratch_tear_down)

#endif
