/*
 * Units of sasl/client: it logs in at libgsasl's own server side with each mechanism that has one,
 * with a channel binding too, and finds out each lie; and what our own mechanisms say.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <gsasl.h>

#include "sasl/client.h"
#include "sasl/mechanism.h"

#include "base/banned.h"

/* What the server believes; where it differs from the client's the login must fail. */
struct belief {
	const char *password;
	const char *binding; /* base64, or NULL */
	Gsasl_property binding_type;
	const char *iterations;
	char authzid[64]; /* what EXTERNAL said */
};

static int
serve(Gsasl *library, Gsasl_session *session, Gsasl_property property)
{
	struct belief *belief = gsasl_session_hook_get(session);
	const struct {
		Gsasl_property property;
		const char *value;
	} values[] = {
	    {GSASL_PASSWORD, belief->password},
	    {GSASL_REALM, "example.org"},
	    {GSASL_SERVICE, "smtp"},
	    {GSASL_HOSTNAME, "mail.example.org"},
	    {GSASL_SCRAM_ITER, belief->iterations},
	    {belief->binding_type, belief->binding},
	};

	(void)library;
	if (property == GSASL_VALIDATE_EXTERNAL) {
		const char *who = gsasl_property_fast(session, GSASL_AUTHZID);

		(void)str_copy(belief->authzid, sizeof belief->authzid, str_slice(who));
		return GSASL_OK;
	}
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		if (values[i].property == property && values[i].value != NULL)
			return gsasl_property_set(session, property, values[i].value);
	}
	return GSASL_NO_CALLBACK;
}

/* Plays a login to its end. Returns whether both sides are content. */
static bool
play(struct sasl_client *client, Gsasl_session *server, struct err *e)
{
	struct buf said = BUF_INIT(16 << 10);
	bool client_first = sasl_client_speaks_first(client);
	int client_rc = 0, server_rc = GSASL_NEEDS_MORE;
	char *challenge = NULL;

	if (client_first)
		client_rc = sasl_client_step(client, str_slice(""), &said, e);
	while (client_rc == 0 && server_rc == GSASL_NEEDS_MORE) {
		gsasl_free(challenge);
		challenge = NULL;
		server_rc = gsasl_step64(server, buf_text(&said), &challenge);
		if (server_rc != GSASL_NEEDS_MORE && server_rc != GSASL_OK)
			break;
		if (server_rc == GSASL_OK && (challenge == NULL || challenge[0] == '\0'))
			break;
		buf_reset(&said);
		client_rc = sasl_client_step(client, str_slice(challenge), &said, e);
	}
	gsasl_free(challenge);
	buf_wipe(&said);
	return client_rc == 0 && server_rc == GSASL_OK && sasl_client_is_done(client);
}

static bool
logs_in(const struct sasl_client_params *params, const char *mechanism, struct belief *belief,
    struct err *e)
{
	char offered[64];
	struct sasl_client *client;
	Gsasl *library;
	Gsasl_session *server;
	bool content;

	(void)snprintf(offered, sizeof offered, " %s ", mechanism);
	assert_int_equal(sasl_client_new(params, offered, &client, e), 0);
	assert_string_equal(sasl_client_mechanism(client), mechanism);
	assert_int_equal(gsasl_init(&library), GSASL_OK);
	gsasl_callback_set(library, serve);
	assert_int_equal(gsasl_server_start(library, mechanism, &server), GSASL_OK);
	gsasl_session_hook_set(server, belief);
	content = play(client, server, e);
	gsasl_finish(server);
	gsasl_done(library);
	sasl_client_free(client);
	return content;
}

static const char password[] = "s3cret \xc3\xa0";

static struct sasl_client_params
params_of(const char *mechanism)
{
	return (struct sasl_client_params){
	    .user = "us,er=1",
	    .password = password,
	    .host = "mail.example.org",
	    .port = 587,
	    .mechanism = mechanism,
	    .protected = true,
	};
}

static void
logs_in_with_the_right_password_alone(void **state)
{
	static const char *const names[] = {
	    "SCRAM-SHA-1", "SCRAM-SHA-256", "CRAM-MD5", "DIGEST-MD5"};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct sasl_client_params params = params_of(NULL);
		struct belief right = {.password = password, .iterations = "4096"};
		struct belief wrong = {.password = "other", .iterations = "4096"};
		struct err e = ERR_INIT;

		assert_true(logs_in(&params, names[i], &right, &e));
		assert_false(logs_in(&params, names[i], &wrong, &e));
	}
}

static void
binds_to_the_channel(void **state)
{
	static const struct {
		const char *mechanism, *type;
		Gsasl_property property;
	} cases[] = {
	    {"SCRAM-SHA-1-PLUS", "tls-unique", GSASL_CB_TLS_UNIQUE},
	    {"SCRAM-SHA-256-PLUS", "tls-unique", GSASL_CB_TLS_UNIQUE},
	    {"SCRAM-SHA-1-PLUS", "tls-exporter", GSASL_CB_TLS_EXPORTER},
	    {"SCRAM-SHA-256-PLUS", "tls-exporter", GSASL_CB_TLS_EXPORTER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct sasl_client_params params = params_of(NULL);
		struct belief same = {password, "AAECAwQF", cases[i].property, "4096", ""};
		struct belief other = {password, "AAECAwQG", cases[i].property, "4096", ""};
		struct err e = ERR_INIT;

		params.binding_type = cases[i].type;
		params.binding = (struct slice){"\0\1\2\3\4\5", 6};
		assert_true(logs_in(&params, cases[i].mechanism, &same, &e));
		assert_false(logs_in(&params, cases[i].mechanism, &other, &e));
	}
}

/* Where there is a binding plain SCRAM goes without, else a server with -PLUS would refuse it. */
static void
binds_only_where_asked(void **state)
{
	struct sasl_client_params params = params_of(NULL);
	struct belief belief = {password, "AAECAwQF", GSASL_CB_TLS_EXPORTER, "4096", ""};
	struct err e = ERR_INIT;

	(void)state;
	params.binding_type = "tls-exporter";
	params.binding = (struct slice){"\0\1\2\3\4\5", 6};
	assert_true(logs_in(&params, "SCRAM-SHA-256", &belief, &e));
}

static void
takes_characters_younger_than_saslprep(void **state)
{
	static const char emoji[] = "p\xf0\x9f\x98\x80";
	static const char salt[] = "QSXCR+Q6sek8bf92";
	struct sasl_client_params params = params_of(NULL);
	struct sasl_client *client;
	struct buf said = BUF_INIT(4096);
	struct err e = ERR_INIT;
	char challenge[256], *text = NULL;
	const char *nonce;
	size_t n;

	(void)state;
	params.password = emoji;
	assert_int_equal(sasl_client_new(&params, " SCRAM-SHA-256 ", &client, &e), 0);
	assert_int_equal(sasl_client_step(client, str_slice(""), &said, &e), 0);
	assert_int_equal(gsasl_base64_from(said.data, said.len, &text, &n), GSASL_OK);
	nonce = memmem(text, n, ",r=", 3);
	assert_non_null(nonce);
	(void)snprintf(challenge, sizeof challenge, "%.*sserver,s=%s,i=4096",
	    (int)(text + n - nonce - 1), nonce + 1, salt);
	gsasl_free(text);
	assert_int_equal(gsasl_base64_to(challenge, strlen(challenge), &text, &n), GSASL_OK);
	buf_reset(&said);
	assert_int_equal(sasl_client_step(client, str_slice(text), &said, &e), 0);
	gsasl_free(text);
	buf_wipe(&said);
	sasl_client_free(client);
}

static void
refuses_iterations_out_of_bounds(void **state)
{
	static const char *const counts[] = {"1", "4095", "1000001", "99999999"};

	(void)state;
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		struct sasl_client_params params = params_of(NULL);
		struct belief belief = {.password = password, .iterations = counts[i]};
		struct err e = ERR_INIT;

		assert_false(logs_in(&params, "SCRAM-SHA-1", &belief, &e));
		assert_int_equal(e.ex, EX_NOPERM);
	}
}

static void
says_whom_to_act_for_without_a_password(void **state)
{
	struct sasl_client_params params = params_of("EXTERNAL");
	struct belief belief = {.password = NULL};
	struct err e = ERR_INIT;

	(void)state;
	params.password = NULL;
	assert_true(logs_in(&params, "EXTERNAL", &belief, &e));
	assert_string_equal(belief.authzid, "us,er=1");
	assert_false(sasl_mechanism_needs_password("external"));
	assert_false(sasl_mechanism_needs_password("GSSAPI"));
	assert_true(sasl_mechanism_needs_password("PLAIN"));
	assert_true(sasl_mechanism_needs_password(NULL));
}

static void
takes_the_best_and_then_the_next(void **state)
{
	static const char offered[] =
	    " X NTLM CRAM-MD5 PLAIN SCRAM-SHA-256 SCRAM-SHA-1-PLUS EXTERNAL ";
	static const struct {
		bool protected;
		const char *binding_type;
		const char *order[5];
	} cases[] = {
	    {true, "tls-exporter", {"SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "PLAIN", "CRAM-MD5"}},
	    {true, NULL, {"SCRAM-SHA-256", "PLAIN", "CRAM-MD5"}},
	    {true, "tls-unheard-of", {"SCRAM-SHA-256", "PLAIN", "CRAM-MD5"}},
	    {false, NULL, {"SCRAM-SHA-256", "CRAM-MD5"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct sasl_client_params params = params_of(NULL);
		const char *const *name = cases[i].order;
		struct sasl_client *client;
		struct err e = ERR_INIT;
		int more = 1;

		params.protected = cases[i].protected;
		params.binding_type = cases[i].binding_type;
		assert_int_equal(sasl_client_new(&params, offered, &client, &e), 0);
		for (; *name != NULL; name++) {
			assert_int_equal(more, 1);
			assert_string_equal(sasl_client_mechanism(client), *name);
			more = sasl_client_next(client, &e);
		}
		assert_int_equal(more, 0);
		sasl_client_free(client);
	}
}

static void
shows_a_token(void **state)
{
	static const struct {
		const char *mechanism, *first;
	} cases[] = {
	    {"OAUTHBEARER", "n,a=us=2Cer=3D1,\001host=mail.example.org\001port=587\001"
			    "auth=Bearer s3cret \xc3\xa0\001\001"},
	    {"XOAUTH2", "user=us,er=1\001auth=Bearer s3cret \xc3\xa0\001\001"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct sasl_client_params params = params_of(cases[i].mechanism);
		struct buf said = BUF_INIT(4096);
		struct err e = ERR_INIT;
		struct sasl_client *client;
		char *text = NULL;

		assert_int_equal(sasl_client_new(&params, " OAUTHBEARER XOAUTH2 ", &client, &e), 0);
		assert_int_equal(sasl_client_step(client, str_slice(""), &said, &e), 0);
		assert_int_equal(
		    gsasl_base64_to(cases[i].first, strlen(cases[i].first), &text, NULL), GSASL_OK);
		assert_string_equal(buf_text(&said), text);
		gsasl_free(text);
		buf_wipe(&said);
		sasl_client_free(client);
	}
}

static void
tells_why_a_token_is_refused(void **state)
{
	static const struct {
		const char *json, *told;
	} cases[] = {
	    {"{\"status\":\"invalid_token\",\"scope\":\"x\"}", "status invalid_token, scope x"},
	    {"{ \"scope\" : \"x\", \"status\" : \"400\" }", "status 400, scope x"},
	    {"{\"status\":\"\033[2J\"}", "status \\x1b[2J"},
	    {"{\"status\":\"400\",\"schemes\":\"Bearer\",\"scope\":\"https://mail.example/\"}",
		"status 400, schemes Bearer, scope https://mail.example/"},
	    {"{\"scope\":\"x\"}", "scope x"},
	    {"{\"status\":401}", ""},
	    {"{\"status\":", ""},
	    {"{\"status\"", ""},
	    {"\"status", ""},
	    {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct sasl_client_params params = params_of("OAUTHBEARER");
		struct buf said = BUF_INIT(4096);
		struct err e = ERR_INIT;
		struct sasl_client *client;
		char *json = NULL;

		assert_int_equal(
		    gsasl_base64_to(cases[i].json, strlen(cases[i].json), &json, NULL), GSASL_OK);
		assert_int_equal(sasl_client_new(&params, " OAUTHBEARER ", &client, &e), 0);
		assert_int_equal(sasl_client_step(client, str_slice(""), &said, &e), 0);
		assert_true(sasl_client_is_done(client));
		buf_reset(&said);
		assert_int_equal(sasl_client_step(client, str_slice(json), &said, &e), 0);
		assert_string_equal(buf_text(&said), "AQ==");
		assert_false(sasl_client_is_done(client));
		assert_string_equal(sasl_client_told(client), cases[i].told);
		assert_int_equal(sasl_client_step(client, str_slice(json), &said, &e), -1);
		assert_int_equal(e.ex, EX_PROTOCOL);
		gsasl_free(json);
		buf_wipe(&said);
		sasl_client_free(client);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(logs_in_with_the_right_password_alone),
	    cmocka_unit_test(binds_to_the_channel),
	    cmocka_unit_test(binds_only_where_asked),
	    cmocka_unit_test(takes_characters_younger_than_saslprep),
	    cmocka_unit_test(refuses_iterations_out_of_bounds),
	    cmocka_unit_test(says_whom_to_act_for_without_a_password),
	    cmocka_unit_test(takes_the_best_and_then_the_next),
	    cmocka_unit_test(shows_a_token),
	    cmocka_unit_test(tells_why_a_token_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
