/*
 * Units of net/name: host names in their A-label form, and this machine's.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/name.h"

#include "base/banned.h"

static void
turns_names_into_ascii(void **state)
{
	static const struct {
		const char *name, *ascii; /* NULL: refused */
	} cases[] = {
	    {"smtp.gmail.com", "smtp.gmail.com"},
	    {"smtp.gmail.com.", "smtp.gmail.com"},
	    {"mx_1.example.org", "mx_1.example.org"},
	    {"b\xc3\xbc"
	     "cher.example",
		"xn--bcher-kva.example"},
	    {"192.0.2.1", "192.0.2.1"},
	    {"2001:db8::1", "2001:db8::1"},
	    {"", NULL},
	    {"a b", NULL},
	    {"a\r\nb", NULL},
	    {"a/b", NULL},
	    {"a@b", NULL},
	    {"\xff\xfe", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char out[NET_NAME_SIZE] = "";
		struct err e = ERR_INIT;
		int rc = net_name_to_ascii(str_slice(cases[i].name), out, &e);

		assert_int_equal(rc, cases[i].ascii != NULL ? 0 : -1);
		if (cases[i].ascii != NULL)
			assert_string_equal(out, cases[i].ascii);
		else
			assert_int_equal(e.ex, EX_USAGE);
	}
}

static void
refuses_a_name_that_is_too_long(void **state)
{
	char name[NET_NAME_SIZE + 1], out[NET_NAME_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	memset(name, 'a', sizeof name);
	name[sizeof name - 1] = '\0';
	assert_int_equal(net_name_to_ascii(str_slice(name), out, &e), -1);
}

static void
knows_this_machine(void **state)
{
	static const struct {
		const char *name;
		bool loopback;
	} cases[] = {
	    {"localhost", true},
	    {"LocalHost", true},
	    {"a.localhost", true},
	    {"127.0.0.1", true},
	    {"127.9.9.9", true},
	    {"::1", true},
	    {"notlocalhost", false},
	    {"localhost.example.org", false},
	    {"128.0.0.1", false},
	    {"::2", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(net_name_is_loopback(cases[i].name), cases[i].loopback);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(turns_names_into_ascii),
	    cmocka_unit_test(refuses_a_name_that_is_too_long),
	    cmocka_unit_test(knows_this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
