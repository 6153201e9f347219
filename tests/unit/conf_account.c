/*
 * Units of conf/account and conf/account_settle: each keyword's values, the defaults that follow
 * from others, options over files, and when a stored secret is forgotten.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/account.h"
#include "conf/account_settle.h"

#include "base/banned.h"

/* Sets KEYWORD as line LINE of the file "rc". */
static int
set_from_file(
    struct conf_account *a, const char *keyword, const char *value, unsigned line, struct err *e)
{
	struct conf_origin origin = {CONF_ORIGIN_FILE, "rc", line};

	return conf_account_set(
	    a, conf_account_keyword_find(str_slice(keyword)), str_slice(value), &origin, e);
}

/* An account out of `keyword value` pairs, which end with NULL; lines count from 2. */
static struct conf_account *
account_of(const char *const *pairs)
{
	struct conf_account *a = conf_account_new(str_slice("work"));
	struct err e = ERR_INIT;

	assert_non_null(a);
	a->origin = (struct conf_origin){CONF_ORIGIN_FILE, "rc", 1};
	for (unsigned line = 2; *pairs != NULL; pairs += 2, line++)
		assert_int_equal(set_from_file(a, pairs[0], pairs[1], line, &e), 0);
	return a;
}

static void
assert_printed(const struct conf_account *a, const char *keyword, const char *expected)
{
	struct buf out = BUF_INIT(1024);

	conf_account_print(a, conf_account_keyword_find(str_slice(keyword)), &out);
	assert_string_equal(buf_text(&out), expected);
	buf_free(&out);
}

static void
assert_origin(const struct conf_account *a, const char *keyword, const char *expected)
{
	struct buf out = BUF_INIT(1024);

	conf_origin_print(
	    conf_account_origin(a, conf_account_keyword_find(str_slice(keyword))), &out);
	assert_string_equal(buf_text(&out), expected);
	buf_free(&out);
}

static void
takes_each_keywords_values(void **state)
{
	static const struct {
		const char *keyword, *value, *printed;
	} cases[] = {
	    {"host", "smtp.example.org", "smtp.example.org"},
	    {"host", "", ""},
	    {"port", "65535", "65535"},
	    {"tls", "", "on"},
	    {"tls", "off", "off"},
	    {"auth", "", "on"},
	    {"auth", "off", "off"},
	    {"auth", "scram-sha-256", "SCRAM-SHA-256"},
	    {"timeout", "off", "off"},
	    {"timeout", "90", "90"},
	    {"password", "secret", "***"},
	    {"password", "", ""},
	    {"passwordeval", "pass show mail", "pass show mail"},
	    {"from", "me@example.org", "me@example.org"},
	    {"bare_cr", "refuse", "refuse"},
	    {"tls_trust_file", "system", "system"},
	    {"syslog", "", "user"},
	    {"syslog", "LOG_LOCAL3", "local3"},
	    {"syslog", "off", "off"},
	    {"syslog", "journal", "journal"},
	    {"logfile", "~/log", "/home/me/log"},
	    {"logfile", "/var/~", "/var/~"},
	};

	(void)state;
	setenv("HOME", "/home/me", 1);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct conf_account *a = conf_account_new(str_slice("work"));
		struct err e = ERR_INIT;

		assert_int_equal(set_from_file(a, cases[i].keyword, cases[i].value, 7, &e), 0);
		assert_printed(a, cases[i].keyword, cases[i].printed);
		assert_origin(a, cases[i].keyword, "rc:7");
		conf_account_free(a);
	}
}

static void
refuses_what_a_keyword_does_not_take(void **state)
{
	static const struct {
		const char *keyword, *value, *message;
	} cases[] = {
	    {"host", "foo bar", "'foo bar' is no host name"},
	    {"domain", "a@b", "'a@b' is no host name"},
	    {"port", "0", "'0' is not a port from 1 to 65535"},
	    {"port", "smtp", "'smtp' is not a port from 1 to 65535"},
	    {"port", "", "'' is not a port from 1 to 65535"},
	    {"tls", "yes", "'yes' is neither on nor off"},
	    {"timeout", "-1", "'-1' is neither off nor seconds from 1 to 86400"},
	    {"timeout", "86401", "'86401' is neither off nor seconds from 1 to 86400"},
	    {"auth", "pl ain", "'pl ain' is neither on, off nor a mechanism's name"},
	    {"auth", "a23456789012345678901",
		"'a23456789012345678901' is neither on, off nor a mechanism's name"},
	    {"bare_cr", "keep", "'keep' is none of: accept, refuse"},
	    {"set_from_header", "yes", "'yes' is none of: auto, off, on"},
	    {"set_date_header", "on", "'on' is none of: auto, off"},
	    {"syslog", "LOG_KERN", "'LOG_KERN' is neither on, off, journal nor a syslog facility"},
	    {"user", "a\tb", "the value of 'user' holds a control byte"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct conf_account *a = conf_account_new(str_slice("work"));
		struct err e = ERR_INIT;

		assert_int_equal(set_from_file(a, cases[i].keyword, cases[i].value, 7, &e), -1);
		assert_int_equal(e.ex, EX_CONFIG);
		assert_string_equal(e.msg, cases[i].message);
		conf_account_free(a);
	}
}

static void
settles_what_follows_from_other_values(void **state)
{
	static const struct {
		const char *pairs[9];
		bool msmtp;
		const char *keyword, *value, *origin;
	} cases[] = {
	    {{"host", "h"}, false, "tls", "on", "default"},
	    {{"host", "h"}, false, "port", "587", "default (TLS by STARTTLS)"},
	    {{"host", "h"}, false, "auth", "off", "default (there is no user)"},
	    {{"host", "h"}, false, "syslog", "mail", "default"},
	    {{"host", "h"}, false, "tls_trust_file", "system", "default"},
	    {{"host", "h", "user", "me"}, false, "auth", "on", "default (there is a user)"},
	    {{"host", "h", "port", "465"}, false, "tls_starttls", "off",
		"default (the port is 465)"},
	    {{"host", "h", "tls_starttls", "off"}, false, "port", "465",
		"default (TLS without STARTTLS)"},
	    {{"host", "h", "tls", "off"}, false, "port", "25", "default (no TLS)"},
	    {{"host", "localhost"}, false, "tls", "off", "default (the host is this machine)"},
	    {{"host", "127.9.9.9"}, false, "tls", "off", "default (the host is this machine)"},
	    {{"host", "::1"}, false, "tls", "off", "default (the host is this machine)"},
	    {{"host", "a.LOCALHOST"}, false, "tls", "off", "default (the host is this machine)"},
	    {{"host", "localhost", "tls", "on"}, false, "tls", "on", "rc:3"},
	    {{"host", "notlocalhost"}, false, "tls", "on", "default"},
	    {{"host", "h", "logfile", "/l"}, false, "syslog", "off",
		"default (there is a logfile)"},
	    {{"host", "h"}, true, "tls", "off", "default (msmtp's, as the file's name is)"},
	    {{"host", "h"}, true, "port", "25", "default (no TLS)"},
	    {{"host", "h", "tls", "on"}, true, "port", "25",
		"default (msmtp's, as the file's name is)"},
	    {{"host", "h", "user", "me"}, true, "auth", "off",
		"default (msmtp's, as the file's name is)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct conf_account *a = account_of(cases[i].pairs);
		struct err e = ERR_INIT;

		a->msmtp = cases[i].msmtp;
		assert_int_equal(conf_account_settle(a, &e), 0);
		assert_printed(a, cases[i].keyword, cases[i].value);
		assert_origin(a, cases[i].keyword, cases[i].origin);
		conf_account_free(a);
	}
}

static void
refuses_what_does_not_fit_together(void **state)
{
	static const struct {
		const char *pairs[9];
		bool msmtp;
		const char *message; /* NULL: fits */
	} cases[] = {
	    {{"user", "me"}, false, "rc:1: account 'work' names no host"},
	    {{"host", "h", "auth", "on"}, false,
		"rc:3: account 'work' is to log in, but names no user"},
	    {{"host", "h", "auth", "external"}, false, NULL},
	    {{"host", "h", "user", "me", "auth", "on"}, true,
		"rc:4: account 'work' would log in without TLS"},
	    {{"host", "h", "user", "me", "auth", "on", "tls", "off"}, true, NULL},
	    {{"host", "localhost", "user", "me", "auth", "on"}, true, NULL},
	    {{"host", "h", "user", "me", "tls", "off"}, false, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct conf_account *a = account_of(cases[i].pairs);
		struct err e = ERR_INIT;
		const char *message = cases[i].message;

		a->msmtp = cases[i].msmtp;
		assert_int_equal(conf_account_settle(a, &e), message != NULL ? -1 : 0);
		if (message != NULL) {
			assert_int_equal(e.ex, EX_CONFIG);
			assert_string_equal(e.msg, message);
		}
		conf_account_free(a);
	}
}

static void
voids_a_stored_secret_that_would_go_elsewhere(void **state)
{
	static const struct {
		const char *keyword, *value, *option;
		bool voids;
	} cases[] = {
	    {"host", "evil.example", "--host", true},
	    {"host", "H.example", "--host", false},
	    {"host", "", "--host", true},
	    {"tls", "off", "--tls", true},
	    {"tls", "on", "--tls", false},
	    {"tls_certcheck", "off", "--tls-certcheck", true},
	    {"tls_certcheck", "on", "--tls-certcheck", false},
	    {"port", "2525", "--port", false},
	    {"user", "you", "--user", false},
	};
	static const char *const secrets[] = {"password", "passwordeval"};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
		const char *const pairs[] = {
		    "host", "h.example", "user", "me", secrets[i % 2], "secret", NULL};
		struct conf_account *a = account_of(pairs);
		struct err e = ERR_INIT;
		bool voids = cases[i / 2].voids;

		assert_int_equal(conf_account_override(a, cases[i / 2].keyword,
				     str_slice(cases[i / 2].value), cases[i / 2].option, &e),
		    0);
		assert_int_equal(a->password == NULL && a->passwordeval == NULL, voids);
		if (voids) {
			assert_string_equal(a->secret_voided_by, cases[i / 2].option);
			assert_string_equal(conf_account_origin(a, conf_account_keyword_find(
								       str_slice(secrets[i % 2])))
						->name,
			    cases[i / 2].option);
		} else {
			assert_null(a->secret_voided_by);
		}
		conf_account_free(a);
	}
}

static void
keeps_a_secret_where_the_file_itself_has_no_tls(void **state)
{
	static const char *const pairs[] = {
	    "host", "h", "tls", "off", "user", "me", "password", "secret", NULL};
	struct conf_account *a = account_of(pairs);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(conf_account_override(a, "tls", str_slice("off"), "--tls", &e), 0);
	assert_string_equal(a->password, "secret");
	conf_account_free(a);
}

static void
keeps_the_options_own_command_whatever_the_order(void **state)
{
	static const char *const pairs[] = {"host", "h", "password", "secret", NULL};
	static const char *const said[2][2][3] = {
	    {{"host", "other", "--host"}, {"passwordeval", "cmd", "--passwordeval"}},
	    {{"passwordeval", "cmd", "--passwordeval"}, {"host", "other", "--host"}},
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct conf_account *a = account_of(pairs);
		struct err e = ERR_INIT;

		for (size_t k = 0; k < 2; k++)
			assert_int_equal(conf_account_override(a, said[i][k][0],
					     str_slice(said[i][k][1]), said[i][k][2], &e),
			    0);
		assert_null(a->password);
		assert_string_equal(a->passwordeval, "cmd");
		conf_account_free(a);
	}
}

static void
a_bad_option_is_a_usage_error(void **state)
{
	static const char *const pairs[] = {NULL};
	struct conf_account *a = account_of(pairs);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(conf_account_override(a, "port", str_slice("x"), "--port", &e), -1);
	assert_int_equal(e.ex, EX_USAGE);
	assert_string_equal(e.msg, "option --port: 'x' is not a port from 1 to 65535");
	conf_account_free(a);
}

static void
inherits_what_was_said_and_replaces_lists_whole(void **state)
{
	static const char *const base_pairs[] = {
	    "host", "h", "passwordeval", "cmd", "from", "a@x", "from", "b@x", NULL};
	static const char *const own_pairs[] = {"port", "99", NULL};
	struct conf_account *base = account_of(base_pairs), *a = account_of(own_pairs);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(conf_account_inherit(a, base, &e), 0);
	assert_printed(a, "host", "h");
	assert_printed(a, "port", "99");
	assert_printed(a, "from", "a@x, b@x");
	assert_origin(a, "from", "rc:5");
	assert_int_equal(set_from_file(a, "from", "c@x", 8, &e), 0);
	assert_int_equal(set_from_file(a, "from", "d@x", 9, &e), 0);
	assert_printed(a, "from", "c@x, d@x");
	assert_int_equal(set_from_file(a, "password", "secret", 10, &e), 0);
	assert_printed(a, "passwordeval", "");
	assert_printed(base, "passwordeval", "cmd");
	conf_account_free(base);
	conf_account_free(a);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_each_keywords_values),
	    cmocka_unit_test(refuses_what_a_keyword_does_not_take),
	    cmocka_unit_test(settles_what_follows_from_other_values),
	    cmocka_unit_test(refuses_what_does_not_fit_together),
	    cmocka_unit_test(voids_a_stored_secret_that_would_go_elsewhere),
	    cmocka_unit_test(keeps_a_secret_where_the_file_itself_has_no_tls),
	    cmocka_unit_test(keeps_the_options_own_command_whatever_the_order),
	    cmocka_unit_test(a_bad_option_is_a_usage_error),
	    cmocka_unit_test(inherits_what_was_said_and_replaces_lists_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
