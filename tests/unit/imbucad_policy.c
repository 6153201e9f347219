/*
 * Units of imbucad/policy: every combination of who asks, for whom, and what is configured: mail
 * goes elsewhere only for those whom the configuration names. Never an open relay.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "imbucad/policy.h"

#include "base/banned.h"

/* Who is relayed for, by relay and kind, before and after a login. */
static const bool relayed[3][4][2] = {
    [CONF_DAEMON_RELAY_OFF] = {{false, false}, {false, false}, {false, false}},
    [CONF_DAEMON_RELAY_USERS] = {[IMBUCAD_ORIGIN_QUEUE] = {true, true},
	[IMBUCAD_ORIGIN_UNIX] = {true, true},
	[IMBUCAD_ORIGIN_LOOPBACK] = {false, true},
	[IMBUCAD_ORIGIN_NETWORK] = {false, true}},
    [CONF_DAEMON_RELAY_LOOPBACK] = {[IMBUCAD_ORIGIN_QUEUE] = {true, true},
	[IMBUCAD_ORIGIN_UNIX] = {true, true},
	[IMBUCAD_ORIGIN_LOOPBACK] = {true, true},
	[IMBUCAD_ORIGIN_NETWORK] = {false, true}},
};

static void
walks_every_combination(void **state)
{
	(void)state;
	for (int bits = 0; bits < 4 * 3 * 2 * 2; bits++) {
		const struct imbucad_policy_question q = {
		    .kind = (enum imbucad_origin_kind)(bits % 4),
		    .relay = (enum conf_daemon_relay)(bits / 4 % 3),
		    .logged_in = bits / 12 % 2 == 1,
		    .is_local = bits / 24 == 1,
		};
		struct err e = ERR_INIT;
		bool allowed = imbucad_policy_allows(&q, &e) == 0;

		assert_int_equal(
		    allowed, q.is_local || relayed[q.relay][q.kind][q.logged_in ? 1 : 0]);
		assert_int_equal(e.code, allowed ? 0 : 550);
	}
}

static void
binds_senders(void **state)
{
	static const struct {
		const char *name, *local, *domain;
		bool domain_is_local, allowed;
	} cases[] = {
	    {"anna", "anna", "pi.example", true, true},
	    {"anna", "Anna", "pi.example", true, true},
	    {"anna", "anna+list", "pi.example", true, true},
	    {"anna", "", "pi.example", false, true},
	    {"anna", "anna", "pi.example", false, false},
	    {"anna", "bert", "pi.example", true, false},
	    {"anna", "annabel", "pi.example", true, false},
	    {"anna", "ann", "pi.example", true, false},
	    {"anna", "+anna", "pi.example", true, false},
	    {"root", "bert", "pi.example", false, true},
	    {"anna@pi.example", "anna", "pi.example", true, true},
	    {"anna@pi.example", "Anna+list", "PI.example", true, true},
	    {"anna@there.example", "anna", "there.example", false, true},
	    {"anna@there.example", "anna", "pi.example", true, false},
	    {"anna@pi.example", "bert", "pi.example", true, false},
	    {"uid100055", "anna", "pi.example", true, false},
	    {"uid100055", "uid100055", "pi.example", true, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err e = ERR_INIT;

		assert_int_equal(imbucad_policy_sender(cases[i].name, str_slice(cases[i].local),
				     str_slice(cases[i].domain), cases[i].domain_is_local, &e) == 0,
		    cases[i].allowed);
	}
}

static void
knows_loopback(void **state)
{
	static const struct {
		const char *address;
		enum imbucad_origin_kind kind;
	} cases[] = {
	    {"127.0.0.1", IMBUCAD_ORIGIN_LOOPBACK},
	    {"127.8.9.1", IMBUCAD_ORIGIN_LOOPBACK},
	    {"::1", IMBUCAD_ORIGIN_LOOPBACK},
	    {"::ffff:127.0.0.1", IMBUCAD_ORIGIN_LOOPBACK},
	    {"128.0.0.1", IMBUCAD_ORIGIN_NETWORK},
	    {"::ffff:10.0.0.1", IMBUCAD_ORIGIN_NETWORK},
	    {"::11", IMBUCAD_ORIGIN_NETWORK},
	    {"unknown", IMBUCAD_ORIGIN_NETWORK},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(imbucad_origin_of(cases[i].address), cases[i].kind);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(walks_every_combination),
	    cmocka_unit_test(binds_senders),
	    cmocka_unit_test(knows_loopback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
