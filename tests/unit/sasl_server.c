/*
 * Units of sasl/server, sasl/users and sasl/verifier: libgsasl's own client logs in with each
 * mechanism; a wrong password, a wrong user and a wrong step do not.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "sasl/client.h"
#include "sasl/server.h"
#include "sasl/users.h"

#include "base/banned.h"

struct place {
	char folder[64];
	char file[80];
};

/* A users file with two users, in a folder of its own. */
static int
set_up(void **state)
{
	struct place *place = calloc(1, sizeof *place);
	struct err e = ERR_INIT;

	assert_non_null(place);
	str_copy(place->folder, sizeof place->folder, str_slice("/tmp/imbuca-unit-XXXXXX"));
	assert_non_null(mkdtemp(place->folder));
	str_copy(place->file, sizeof place->file, str_slice(place->folder));
	str_copy(place->file + strlen(place->folder), 16, str_slice("/users"));
	assert_int_equal(
	    sasl_users_set(place->file, str_slice("anna"), str_slice("s3cret"), &e), 0);
	assert_int_equal(sasl_users_set(place->file, str_slice("citt\xc3\xa0@example.org"),
			     str_slice("gi\xc3\xb9 o s\xc3\xac"), &e),
	    0);
	*state = place;
	return 0;
}

static int
tear_down(void **state)
{
	struct place *place = *state;

	(void)unlink(place->file);
	(void)rmdir(place->folder);
	free(place);
	return 0;
}

static struct sasl_server_params
params_of(const struct place *place, bool secure)
{
	return (struct sasl_server_params){place->file, str_slice("a secret"), secure};
}

/* A whole login; returns how it ended, and in ERR why. */
static enum sasl_server_state
login(const struct place *place, const char *mechanism, const char *user, const char *password,
    struct err *e)
{
	struct sasl_server_params params = params_of(place, true);
	struct sasl_client_params wanted = {.user = user,
	    .password = password,
	    .host = "localhost",
	    .mechanism = mechanism,
	    .protected = true};
	struct buf challenge = BUF_INIT(16384), answer = BUF_INIT(16384);
	enum sasl_server_state state = SASL_SERVER_CHALLENGE;
	struct sasl_server *server;
	struct sasl_client *client;
	char offered[64] = "";
	struct err client_error = ERR_INIT;

	(void)snprintf(offered, sizeof offered, " %s ", mechanism);
	assert_int_equal(sasl_client_new(&wanted, offered, &client, &client_error), 0);
	assert_int_equal(sasl_server_new(str_slice(mechanism), &params, &server, e), 0);
	if (!sasl_client_speaks_first(client))
		state = sasl_server_step(server, str_slice(""), &challenge, e);
	while (state == SASL_SERVER_CHALLENGE) {
		buf_reset(&answer);
		if (sasl_client_step(client, buf_slice(&challenge), &answer, &client_error) == -1)
			break;
		buf_reset(&challenge);
		state = sasl_server_step(server, buf_slice(&answer), &challenge, e);
	}
	if (state == SASL_SERVER_DONE)
		assert_string_equal(sasl_server_user(server), user);
	sasl_server_free(server);
	sasl_client_free(client);
	buf_wipe(&challenge);
	buf_wipe(&answer);
	return state;
}

static void
logs_in_with_the_password_alone(void **state)
{
	static const struct {
		const char *mechanism, *user, *password;
		enum sasl_server_state end;
	} cases[] = {
	    {"PLAIN", "anna", "s3cret", SASL_SERVER_DONE},
	    {"PLAIN", "anna", "S3cret", SASL_SERVER_FAILED},
	    {"PLAIN", "anna", "", SASL_SERVER_FAILED},
	    {"PLAIN", "otto", "s3cret", SASL_SERVER_FAILED},
	    {"PLAIN", "citt\xc3\xa0@example.org", "gi\xc3\xb9 o s\xc3\xac", SASL_SERVER_DONE},
	    {"LOGIN", "anna", "s3cret", SASL_SERVER_DONE},
	    {"LOGIN", "anna", "s3cret ", SASL_SERVER_FAILED},
	    {"LOGIN", "otto", "s3cret", SASL_SERVER_FAILED},
	    {"SCRAM-SHA-256", "anna", "s3cret", SASL_SERVER_DONE},
	    {"SCRAM-SHA-256", "anna", "s3cre", SASL_SERVER_FAILED},
	    {"SCRAM-SHA-256", "otto", "s3cret", SASL_SERVER_FAILED},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err e = ERR_INIT;
		enum sasl_server_state end =
		    login(*state, cases[i].mechanism, cases[i].user, cases[i].password, &e);

		assert_int_equal(end, cases[i].end);
		if (end == SASL_SERVER_FAILED)
			assert_int_equal(e.ex, EX_NOPERM);
	}
}

static void
shows_no_password_without_tls(void **state)
{
	struct sasl_server_params params = params_of(*state, false);
	struct sasl_server *server = NULL;
	struct err e = ERR_INIT;

	assert_string_equal(sasl_server_mechanisms(false, false), "SCRAM-SHA-256");
	assert_int_equal(sasl_server_new(str_slice("PLAIN"), &params, &server, &e), -1);
	assert_int_equal(sasl_server_new(str_slice("login"), &params, &server, &e), -1);
	assert_int_equal(sasl_server_new(str_slice("CRAM-MD5"), &params, &server, &e), -1);
	assert_int_equal(e.ex, EX_UNAVAILABLE);
	assert_int_equal(sasl_server_new(str_slice("scram-sha-256"), &params, &server, &e), 0);
	sasl_server_free(server);
}

static void
refuses_steps_that_are_none(void **state)
{
	/* "\0anna\0s3cret" for somebody else; not base64; no PLAIN at all. */
	static const char *const cases[] = {"b3R0bwBhbm5hAHMzY3JldA==", "!!!", "AAAA", "YW5uYQ=="};
	struct sasl_server_params params = params_of(*state, true);

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf challenge = BUF_INIT(1000);
		struct sasl_server *server;
		struct err e = ERR_INIT;

		assert_int_equal(sasl_server_new(str_slice("PLAIN"), &params, &server, &e), 0);
		assert_int_equal(sasl_server_step(server, str_slice(cases[i]), &challenge, &e),
		    SASL_SERVER_FAILED);
		assert_true(e.ex == EX_PROTOCOL || e.ex == EX_NOPERM);
		sasl_server_free(server);
		buf_free(&challenge);
	}
}

static void
replaces_a_user_and_keeps_the_others(void **state)
{
	const struct place *place = *state;
	struct sasl_user before, after;
	struct buf text = BUF_INIT(10000);
	struct err e = ERR_INIT;
	struct stat facts;

	assert_int_equal(sasl_users_find(place->file, str_slice("anna"), &before, &e), 1);
	assert_int_equal(sasl_users_set(place->file, str_slice("anna"), str_slice("new"), &e), 0);
	assert_int_equal(sasl_users_find(place->file, str_slice("anna"), &after, &e), 1);
	assert_int_equal(sasl_verifier_check(&before.verifier, str_slice("new"), &e), 0);
	assert_int_equal(sasl_verifier_check(&after.verifier, str_slice("new"), &e), 1);
	assert_int_equal(
	    sasl_users_find(place->file, str_slice("citt\xc3\xa0@example.org"), &after, &e), 1);
	assert_int_equal(sasl_users_find(place->file, str_slice("ann"), &after, &e), 0);
	assert_int_equal(stat(place->file, &facts), 0);
	assert_int_equal(facts.st_mode & 07777, 0600);
	assert_int_equal(file_read(place->file, &text, &e), 0);
	assert_null(strstr(buf_text(&text), "new"));
	buf_free(&text);
	assert_int_equal(chmod(place->file, 0644), 0);
	assert_int_equal(sasl_users_find(place->file, str_slice("anna"), &after, &e), -1);
	assert_int_equal(e.ex, EX_CONFIG);
}

static void
refuses_names_and_passwords_that_cannot_be(void **state)
{
	static const char *const names[] = {"", "a:b", "#a", "a\nb", " a", "\xff"};
	const struct place *place = *state;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		assert_int_equal(
		    sasl_users_set(place->file, str_slice(names[i]), str_slice("x"), &e), -1);
		assert_int_equal(e.ex, EX_DATAERR);
	}
	assert_int_equal(sasl_users_set(place->file, str_slice("a"), str_slice(""), &e), -1);
	assert_int_equal(sasl_users_set(place->file, str_slice("a"), str_slice("x\n"), &e), -1);
	assert_int_equal(
	    sasl_users_set(place->file, str_slice("a"), str_slice("\xf0\x9f\x98\x80"), &e), -1);
	assert_int_equal(e.ex, EX_DATAERR);
}

static void
reads_verifiers_within_limits(void **state)
{
	static const char keys[] = ",c2FsdA==,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,"
				   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	static const struct {
		const char *front;
		bool ok;
	} cases[] = {
	    {"{SCRAM-SHA-256}4096", true},
	    {"{scram-sha-256}1000000", true},
	    {"{SCRAM-SHA-256}4095", false},
	    {"{SCRAM-SHA-256}1000001", false},
	    {"{SCRAM-SHA-1}4096", false},
	    {"{SCRAM-SHA-256}4096,", false},
	    {"", false},
	};
	struct buf text = BUF_INIT(1000);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct sasl_verifier v;

		buf_reset(&text);
		buf_adds(&text, cases[i].front);
		buf_adds(&text, keys);
		assert_int_equal(sasl_verifier_parse(buf_slice(&text), &v), cases[i].ok);
	}
	buf_free(&text);
}

#define WITH_USERS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    WITH_USERS(logs_in_with_the_password_alone),
	    WITH_USERS(shows_no_password_without_tls),
	    WITH_USERS(refuses_steps_that_are_none),
	    WITH_USERS(replaces_a_user_and_keeps_the_others),
	    WITH_USERS(refuses_names_and_passwords_that_cannot_be),
	    cmocka_unit_test(reads_verifiers_within_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
