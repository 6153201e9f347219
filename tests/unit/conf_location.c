/*
 * Units of conf/location: which file is found, and what is said where there is none.
 */
#include <config.h>

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/path.h"
#include "conf/location.h"

#include "scratch.h"

#include "base/banned.h"

static void
make_file(const char *name)
{
	const char *end = strrchr(name, '/');
	char folder[64];
	struct err e = ERR_INIT;

	if (end != NULL) {
		assert_true(str_copy(folder, sizeof folder, str_range(name, end)));
		assert_int_equal(file_make_folders(folder, 0700, &e), 0);
	}
	assert_int_equal(file_replace(name, 0600, str_slice("host h\n"), &e), 0);
}

/* What is found is EXPECTED, below the home where it is no absolute name. */
static void
assert_found(const char *file, const char *expected, const char *home)
{
	struct buf name = BUF_INIT(PATH_MAXIMUM), whole = BUF_INIT(PATH_MAXIMUM);
	struct err e = ERR_INIT;
	int fd = conf_location_open(file, &name, &e);

	assert_true(fd >= 0);
	buf_addf(&whole, "%s/%s", home, expected);
	assert_string_equal(buf_text(&name), buf_text(&whole));
	assert_int_equal(close(fd), 0);
	buf_free(&name);
	buf_free(&whole);
}

static void
looks_in_the_documented_order(void **state)
{
	struct buf other = BUF_INIT(PATH_MAXIMUM);

	make_file(".config/msmtp/config");
	assert_found(NULL, ".config/msmtp/config", *state);
	make_file(".msmtprc");
	assert_found(NULL, ".msmtprc", *state);
	make_file(".config/imbuca/accounts");
	assert_found(NULL, ".config/imbuca/accounts", *state);
	make_file("other");
	buf_addf(&other, "%s/other", (char *)*state);
	setenv("IMBUCA_ACCOUNTS", buf_text(&other), 1);
	assert_found(NULL, "other", *state);
	assert_found("~/.msmtprc", ".msmtprc", *state);
	setenv("IMBUCA_ACCOUNTS", "", 1);
	assert_found(NULL, ".config/imbuca/accounts", *state);
	buf_free(&other);
}

static void
a_file_that_was_named_must_be_there(void **state)
{
	struct buf name = BUF_INIT(PATH_MAXIMUM);
	struct err e = ERR_INIT;

	(void)state;
	make_file(".msmtprc");
	assert_int_equal(conf_location_open("nowhere", &name, &e), -1);
	assert_int_equal(e.ex, EX_CONFIG);
	assert_string_equal(e.msg, "cannot open 'nowhere': No such file or directory");
	buf_free(&name);
}

static void
names_where_it_looked(void **state)
{
	struct buf name = BUF_INIT(PATH_MAXIMUM), hint = BUF_INIT(PATH_MAXIMUM);
	const char *home = *state;
	struct err e = ERR_INIT;

	if (access(SYSCONFDIR "/imbuca/accounts", F_OK) == 0 ||
	    access(SYSCONFDIR "/msmtprc", F_OK) == 0)
		skip();
	assert_int_equal(conf_location_open(NULL, &name, &e), -1);
	assert_int_equal(e.ex, EX_NOINPUT);
	assert_string_equal(e.msg, "there is no accounts file");
	buf_addf(&hint,
	    "write one by 'imbuca setup ADDRESS'; looked for %s/.config/imbuca/accounts, "
	    "%s/.msmtprc, %s/.config/msmtp/config",
	    home, home, home);
	assert_memory_equal(e.hint, buf_text(&hint), hint.len);
	buf_free(&name);
	buf_free(&hint);
}

static void
knows_msmtps_names(void **state)
{
	static const struct {
		const char *name;
		bool msmtp;
	} cases[] = {
	    {"/home/me/.msmtprc", true},
	    {".msmtprc", true},
	    {"/etc/msmtprc", true},
	    {"/home/me/.config/msmtp/config", true},
	    {"/home/me/.config/imbuca/accounts", false},
	    {"/home/me/my.msmtprc", false},
	    {"config", false},
	    {"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(conf_location_is_msmtp(cases[i].name), cases[i].msmtp);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    SCRATCH_TEST(looks_in_the_documented_order),
	    SCRATCH_TEST(a_file_that_was_named_must_be_there),
	    SCRATCH_TEST(names_where_it_looked),
	    cmocka_unit_test(knows_msmtps_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
