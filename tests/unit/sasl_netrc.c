/*
 * Units of sasl/netrc: whose password an entry is, how words are written, what is passed over.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sasl/netrc.h"

#include "base/banned.h"

static void
finds_the_password_of_user_and_host(void **state)
{
	static const struct {
		const char *text, *password; /* for anna at mail.example.org; NULL: none */
	} cases[] = {
	    {"machine mail.example.org login anna password secret", "secret"},
	    {"machine mail.example.org\n\tlogin anna\n\tpassword secret\n", "secret"},
	    {"machine MAIL.example.org password secret login anna", "secret"},
	    {"machine mail.example.org password secret", "secret"},
	    {"machine mail.example.org login otto password secret", NULL},
	    {"machine mail.example.org login Anna password secret", NULL},
	    {"machine mail.example.com login anna password secret", NULL},
	    {"machine mail.example.org login anna", NULL},
	    {"machine mail.example.org login otto password no "
	     "machine mail.example.org login anna password secret",
		"secret"},
	    {"machine mail.example.org login anna password secret "
	     "machine mail.example.org login anna password later",
		"secret"},
	    {"machine a password no machine mail.example.org login anna machine b password no",
		NULL},
	    {"default login anna password secret", "secret"},
	    {"default login otto password secret", NULL},
	    {"machine mail.example.org login anna password mine default password other", "mine"},
	    {"machine mail.example.org login anna account machine password secret", "secret"},
	    {"machine mail.example.org login anna password \"two words \\\" \\\\\"",
		"two words \" \\"},
	    {"machine mail.example.org login anna password \"open", "open"},
	    {"machine mail.example.org login anna password #secret#", "#secret#"},
	    {"# machine mail.example.org password no\nmachine mail.example.org password secret",
		"secret"},
	    {"#\nmachine mail.example.org password secret", "secret"},
	    {"macdef init\nmachine mail.example.org password no\n\nmachine mail.example.org "
	     "password secret",
		"secret"},
	    {"machine a macdef init\nmachine mail.example.org password no\n", NULL},
	    {"machine mail.example.org port 587 login anna password secret\r\n", "secret"},
	    {"machine", NULL},
	    {"machine mail.example.org password", NULL},
	    {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = BUF_INIT(256);
		bool found =
		    sasl_netrc_search(str_slice(cases[i].text), "mail.example.org", "anna", &out);

		assert_int_equal(found, cases[i].password != NULL);
		assert_string_equal(buf_text(&out), found ? cases[i].password : "");
		buf_wipe(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_the_password_of_user_and_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
