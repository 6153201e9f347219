/*
 * Units of domain/spf_term and domain/spf_macro: the terms of a record, and the examples of RFC
 * 7208, 7.4.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/spf_macro.h"
#include "domain/spf_term.h"

#include "base/banned.h"

static void
takes_terms_apart(void **state)
{
	static const struct {
		const char *text;
		enum domain_spf_kind kind;
		char qualifier;
		const char *domain, *network; /* NULL: none */
		unsigned bits4, bits6;
	} cases[] = {
	    {"all", DOMAIN_SPF_ALL, '+', NULL, NULL, 32, 128},
	    {"-ALL", DOMAIN_SPF_ALL, '-', NULL, NULL, 32, 128},
	    {"include:a.b", DOMAIN_SPF_INCLUDE, '+', "a.b", NULL, 32, 128},
	    {"a", DOMAIN_SPF_A, '+', NULL, NULL, 32, 128},
	    {"~a/24", DOMAIN_SPF_A, '~', NULL, NULL, 24, 128},
	    {"a//64", DOMAIN_SPF_A, '+', NULL, NULL, 32, 64},
	    {"mx:a.b/24//64", DOMAIN_SPF_MX, '+', "a.b", NULL, 24, 64},
	    {"?ptr:a.b", DOMAIN_SPF_PTR, '?', "a.b", NULL, 32, 128},
	    {"ip4:192.0.2.0/24", DOMAIN_SPF_IP4, '+', NULL, "192.0.2.0", 24, 128},
	    {"ip6:2001:db8::/32", DOMAIN_SPF_IP6, '+', NULL, "2001:db8::", 32, 32},
	    {"exists:%{ir}.%{l1r+-}._spf.%{d}", DOMAIN_SPF_EXISTS, '+', "%{ir}.%{l1r+-}._spf.%{d}",
		NULL, 32, 128},
	    {"redirect=a.b", DOMAIN_SPF_REDIRECT, '+', "a.b", NULL, 32, 128},
	    {"exp=a.b", DOMAIN_SPF_IGNORED, '+', NULL, NULL, 32, 128},
	    {"unknown=x/y:z", DOMAIN_SPF_IGNORED, '+', NULL, NULL, 32, 128},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct slice record = str_slice(cases[i].text);
		struct domain_spf_term term;
		struct err e = ERR_INIT;

		assert_int_equal(domain_spf_term_next(&record, &term, &e), 1);
		assert_int_equal(term.kind, cases[i].kind);
		assert_int_equal(term.qualifier, cases[i].qualifier);
		assert_true(str_equal(term.domain, str_slice(cases[i].domain)));
		assert_true(str_equal(term.network, str_slice(cases[i].network)));
		assert_int_equal(term.bits4, cases[i].bits4);
		assert_int_equal(term.bits6, cases[i].bits6);
		assert_int_equal(domain_spf_term_next(&record, &term, &e), 0);
	}
}

static void
refuses_what_is_no_term(void **state)
{
	static const char *const cases[] = {"ipv4:192.0.2.1", "include", "include:", "all:x", "ip4",
	    "ip4:", "ip4:192.0.2.0/33", "ip6:2001:db8::/129", "a/x", "a:", "mx/", "a/24/64",
	    "ip4:192.0.2.0/24//64", "redirect:a.b", "-redirect=a.b", "exists", "-", "=x"};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct slice record = str_slice(cases[i]);
		struct domain_spf_term term;
		struct err e = ERR_INIT;

		assert_int_equal(domain_spf_term_next(&record, &term, &e), -1);
		assert_int_equal(e.ex, EX_DATAERR);
	}
}

static void
knows_a_record_by_its_version(void **state)
{
	(void)state;
	assert_true(domain_spf_term_is_record(str_slice("v=spf1 -all")));
	assert_true(domain_spf_term_is_record(str_slice("V=SPF1")));
	assert_false(domain_spf_term_is_record(str_slice("v=spf10 -all")));
	assert_false(domain_spf_term_is_record(str_slice(" v=spf1 -all")));
	assert_false(domain_spf_term_is_record(str_slice("")));
}

static void
replaces_macros(void **state)
{
	static const struct domain_spf_macro v4 = {
	    "strong-bad", "email.example.com", "email.example.com", "192.0.2.3"};
	static const struct domain_spf_macro v6 = {
	    "strong-bad", "email.example.com", "email.example.com", "2001:db8::cb01"};
	static const struct {
		const struct domain_spf_macro *macro;
		const char *text, *expanded; /* NULL: refused */
	} cases[] = {
	    {&v4, "%{s}", "strong-bad@email.example.com"},
	    {&v4, "%{o}", "email.example.com"},
	    {&v4, "%{d4}", "email.example.com"},
	    {&v4, "%{d2}", "example.com"},
	    {&v4, "%{dr}", "com.example.email"},
	    {&v4, "%{d2r}", "example.email"},
	    {&v4, "%{l-}", "strong.bad"},
	    {&v4, "%{lr}", "strong-bad"},
	    {&v4, "%{lr-}", "bad.strong"},
	    {&v4, "%{l1r-}", "strong"},
	    {&v4, "%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
	    {&v4, "%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"},
	    {&v4, "%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"},
	    {&v4, "a%%b%_c%-d", "a%b c%20d"},
	    {&v6, "%{ir}.%{v}._spf.%{d2}",
		"1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf."
		"example.com"},
	    {&v4, "%", NULL},
	    {&v4, "%{", NULL},
	    {&v4, "%{}", NULL},
	    {&v4, "%{d", NULL},
	    {&v4, "%{q}", NULL},
	    {&v4, "%{p}", NULL},
	    {&v4, "%{d0}", NULL},
	    {&v4, "%{d999}", NULL},
	    {&v4, "%{d!}", NULL},
	    {&v4, "%x", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = BUF_INIT(512);
		bool good = domain_spf_macro_expand(cases[i].macro, str_slice(cases[i].text), &out);

		assert_int_equal(good, cases[i].expanded != NULL);
		if (good)
			assert_string_equal(buf_text(&out), cases[i].expanded);
		buf_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_terms_apart),
	    cmocka_unit_test(refuses_what_is_no_term),
	    cmocka_unit_test(knows_a_record_by_its_version),
	    cmocka_unit_test(replaces_macros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
