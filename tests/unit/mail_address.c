/*
 * Units of mail/address: what lists mean, where they are wrong, and how addresses are written back.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/address.h"

#include "base/banned.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* LIST as "display|local|domain" an address, each ended by ";". */
static void
show(struct buf *out, const struct mail_address_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		buf_addf(
		    out, "%s|%s|%s;", list->at[i].display, list->at[i].local, list->at[i].domain);
}

static void
reads_lists(void **state)
{
	static const struct {
		const char *text, *meaning;
	} cases[] = {
	    {"", ""},
	    {" , ,\t,", ""},
	    {"root", "|root|;"},
	    {"user+detail", "|user+detail|;"},
	    {"a@example.org", "|a|example.org;"},
	    {"a@e, b@e,c@e,", "|a|e;|b|e;|c|e;"},
	    {"Joe <joe@e>", "Joe|joe|e;"},
	    {"\"Doe, J\" <d@x>", "Doe, J|d|x;"},
	    {"\"a \\\"b\\\\\" <d@x>", "a \"b\\|d|x;"},
	    {"John Q. Public <j@e>", "John Q. Public|j|e;"},
	    {"Joe (c, x) <e@x>, root", "Joe|e|x;|root|;"},
	    {"root (Cron Daemon)", "Cron Daemon|root|;"},
	    {"a@b (x (nested \\) one) y)", "x (nested ) one) y|a|b;"},
	    {"(before) a (in) @ (out) b . c (last)", "last|a|b.c;"},
	    {"\"we ird\"@e", "|we ird|e;"},
	    {"\"a\".b.\"c d\"@e", "|a.b.c d|e;"},
	    {"a . b @ c . d", "|a.b|c.d;"},
	    {"a..b.@docomo.ne.jp", "|a..b.|docomo.ne.jp;"},
	    {"\"\"@e", "||e;"},
	    {"<>", "||;"},
	    {"Null < (really) >", "Null||;"},
	    {"<root>", "|root|;"},
	    {"<@a,@b:c@d>", "|c|d;"},
	    {"<,@a,,@[1.2.3.4]:c@d>", "|c|d;"},
	    {"a@[1.2.3.4], b@[IPv6:::1]", "|a|[1.2.3.4];|b|[IPv6:::1];"},
	    {"undisclosed-recipients:;", ""},
	    {"Group: a@e, B <b@e>, ,c;, d@e", "|a|e;B|b|e;|c|;|d|e;"},
	    {"A \"quoted group\": ; , d@e", "|d|e;"},
	    {"a@e,\r\n\tb@e,\n c@e", "|a|e;|b|e;|c|e;"},
	    {"\"fol\r\n ded\" <f@e>", "fol ded|f|e;"},
	    {"j\xc3\xb6rg@b\xc3\xbc"
	     "cher.example",
		"|j\xc3\xb6rg|b\xc3\xbc"
		"cher.example;"},
	    {"Latin \xe9 <l@e>", "Latin \xe9|l|e;"},
	    {"=?utf-8?Q?J=C3=B6rg?= <j@e>", "=?utf-8?Q?J=C3=B6rg?=|j|e;"},
	    {"me@e.org <me@e.org>", "me@e.org|me|e.org;"},
	    {"o'brien@e, x=y@e, {a}@e, a/b@e", "|o'brien|e;|x=y|e;|{a}|e;|a/b|e;"},
	    {"tab\there <t@e>", "tab here|t|e;"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mail_address_list list = {NULL, 0};
		struct buf shown = BUF_INIT(1024);
		struct err e = ERR_INIT;

		if (mail_address_parse_list(&list, str_slice(cases[i].text), &e) != 0)
			fail_msg("'%s': %s", cases[i].text, e.msg);
		show(&shown, &list);
		assert_string_equal(buf_text(&shown), cases[i].meaning);
		buf_free(&shown);
		mail_address_list_free(&list);
	}
}

static void
shows_the_place_of_an_error(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
	    {"foo bar@e", "at byte 5 of the address list, between 'foo ' and 'bar@e'"},
	    {"a@e b@e", "at byte 5"},
	    {"a@e <b@e> c", "at byte 11"},
	    {"Joe <joe@e", "'<' without its '>' at byte 5"},
	    {"Joe joe@e>", "missing at byte 5"},
	    {"a@e, (no end", "not closed at byte 6"},
	    {"\"no end", "not closed at byte 1"},
	    {"a@", "domain that is missing or not complete at the end"},
	    {"a@.e", "domain"},
	    {"a@e.", "domain"},
	    {"a@e..f", "domain"},
	    {"@e", "local part that is missing"},
	    {"<@e>", "route"},
	    {".@e", "local part that is missing"},
	    {"a@[1.2", "not closed"},
	    {"a@[1 2]", "not closed"},
	    {"a;b", "does not belong here at byte 2"},
	    {"a@b@c", "does not belong here at byte 4"},
	    {"g: a, h: b;;", "does not belong"},
	    {"g: a", "group without"},
	    {":", "does not belong"},
	    {"a\\b@e", "does not belong"},
	    {"a@e\nb@e", "does not belong here at byte 4"},
	    {"a@e\r\n", "does not belong"},
	    {"a\x01@e", "does not belong"},
	    {"\"a\x7f\"@e", "control byte"},
	    {"\"a\\\n\"@e", "control byte"},
	    {"(\x1b[31m) a@e", "control byte"},
	    {"\xe9@e", "not UTF-8"},
	    {"a@\xff", "not UTF-8"},
	    {"good@e, bad@", "domain"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mail_address_list list = {NULL, 0};
		struct err e = ERR_INIT;

		if (mail_address_parse_list(&list, str_slice(cases[i].text), &e) == 0)
			fail_msg("'%s' was read", cases[i].text);
		assert_int_equal(e.ex, EX_DATAERR);
		if (strstr(e.msg, cases[i].why) == NULL)
			fail_msg("'%s': %s", cases[i].text, e.msg);
		assert_int_equal(list.count, 0);
		mail_address_list_free(&list);
	}
}

static void
refuses_a_nul(void **state)
{
	static const char text[] = "a\0b@e";
	struct mail_address_list list = {NULL, 0};
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(
	    mail_address_parse_list(&list, (struct slice){text, sizeof text - 1}, &e), -1);
	mail_address_list_free(&list);
}

static void
keeps_the_limits(void **state)
{
	char text[400];
	struct mail_address a;
	struct err e = ERR_INIT;

	(void)state;
	memset(text, 'x', sizeof text);
	text[252] = '@';
	assert_int_equal(mail_address_parse(&a, (struct slice){text, 254}, &e), 0);
	mail_address_free(&a);
	assert_int_equal(mail_address_parse(&a, (struct slice){text, 255}, &e), -1);
	assert_non_null(strstr(e.msg, "254"));
}

static void
takes_exactly_one(void **state)
{
	struct mail_address a;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(mail_address_parse(&a, str_slice("A <a@b>"), &e), 0);
	assert_string_equal(a.local, "a");
	mail_address_free(&a);
	assert_int_equal(mail_address_parse(&a, str_slice("<>"), &e), 0);
	assert_true(mail_address_is_null(&a));
	mail_address_free(&a);
	assert_int_equal(mail_address_parse(&a, str_slice(""), &e), -1);
	assert_int_equal(mail_address_parse(&a, str_slice("a, b"), &e), -1);
	assert_string_equal(e.msg, "'a, b' is more than one address");
}

static void
writes_what_it_read(void **state)
{
	static const struct {
		const char *text, *spec;
	} cases[] = {
	    {"<>", ""},
	    {"root", "root"},
	    {"A <a.b@c>", "a.b@c"},
	    {"\"a\"@c", "a@c"},
	    {"\"a b\"@c", "\"a b\"@c"},
	    {"\"a\\\"\\\\b\"@c", "\"a\\\"\\\\b\"@c"},
	    {"a..b@c", "\"a..b\"@c"},
	    {".a@c", "\".a\"@c"},
	    {"\"\"@c", "\"\"@c"},
	    {"\"a@b>\"@c", "\"a@b>\"@c"},
	    {"\xc3\xa0@c", "\xc3\xa0@c"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf spec = BUF_INIT(256);
		struct mail_address a, again;
		struct err e = ERR_INIT;

		assert_int_equal(mail_address_parse(&a, str_slice(cases[i].text), &e), 0);
		mail_address_write(&spec, &a);
		assert_string_equal(buf_text(&spec), cases[i].spec);
		if (spec.len > 0) {
			assert_int_equal(mail_address_parse(&again, buf_slice(&spec), &e), 0);
			assert_true(mail_address_equal(&a, &again));
			mail_address_free(&again);
		}
		mail_address_free(&a);
		buf_free(&spec);
	}
}

static void
compares_as_mail_does(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} cases[] = {
	    {"a@b", "a@B", true},
	    {"a@b", "A@b", false},
	    {"A <a@b>", "a@b (c)", true},
	    {"a", "a@b", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mail_address a, b;
		struct err e = ERR_INIT;

		assert_int_equal(mail_address_parse(&a, str_slice(cases[i].a), &e), 0);
		assert_int_equal(mail_address_parse(&b, str_slice(cases[i].b), &e), 0);
		assert_int_equal(mail_address_equal(&a, &b), cases[i].equal);
		mail_address_free(&a);
		mail_address_free(&b);
	}
}

static void
matches_patterns(void **state)
{
	static const struct {
		const char *address, *pattern;
		bool fits;
	} cases[] = {
	    {"me@example.org", "me@example.org", true},
	    {"Me@Example.ORG", "me@example.org", true},
	    {"me@example.org", "*@example.org", true},
	    {"me@sub.example.org", "*@example.org", false},
	    {"me@sub.example.org", "*@*.example.org", true},
	    {"me@example.org", "m?@example.org", true},
	    {"m@example.org", "m?@example.org", false},
	    {"me+list@example.org", "me@example.org", true},
	    {"me+list@example.org", "me+list@example.org", true},
	    {"me+other@example.org", "me+list@example.org", false},
	    {"me+other@example.org", "me+*@example.org", true},
	    {"root", "root", true},
	    {"root", "*", true},
	    {"aaaaaaaaaaaaaaaaaaaaaaaa", "*a*a*a*a*a*a*a*b", false},
	    {"me@example.org", "", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mail_address a;
		struct err e = ERR_INIT;

		assert_int_equal(mail_address_parse(&a, str_slice(cases[i].address), &e), 0);
		if (mail_address_match(&a, str_slice(cases[i].pattern)) != cases[i].fits)
			fail_msg("'%s' and '%s'", cases[i].address, cases[i].pattern);
		mail_address_free(&a);
	}
}

static void
completes_names_and_nothing_else(void **state)
{
	static const struct {
		const char *text, *expected; /* NULL: it is no list */
	} cases[] = {
	    {"root", "root@d"},
	    {"root (Cron Daemon)", "root@d (Cron Daemon)"},
	    {"a@b", "a@b"},
	    {"\"we ird\" , a@b", "\"we ird\"@d , a@b"},
	    {"Joe <joe>, <ann@b>", "Joe <joe@d>, <ann@b>"},
	    {"a . b ,c", "a . b@d ,c@d"},
	    {"g: a, b@c (x, y);,\r\n\tz", "g: a@d, b@c (x, y);,\r\n\tz@d"},
	    {"<>, nobody:;", "<>, nobody:;"},
	    {"", ""},
	    {"Cron Daemon", NULL},
	    {"a, b@", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out = BUF_INIT(256);
		struct err e = ERR_INIT;
		int rc = mail_address_parse_qualify(&out, str_slice(cases[i].text), "d", &e);

		assert_int_equal(rc, cases[i].expected != NULL ? 0 : -1);
		assert_string_equal(
		    buf_text(&out), cases[i].expected != NULL ? cases[i].expected : "");
		buf_free(&out);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_lists),
	    cmocka_unit_test(shows_the_place_of_an_error),
	    cmocka_unit_test(refuses_a_nul),
	    cmocka_unit_test(keeps_the_limits),
	    cmocka_unit_test(takes_exactly_one),
	    cmocka_unit_test(writes_what_it_read),
	    cmocka_unit_test(compares_as_mail_does),
	    cmocka_unit_test(matches_patterns),
	    cmocka_unit_test(completes_names_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
