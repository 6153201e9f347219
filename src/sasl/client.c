/*
 * client: see client.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include <gsasl.h>

#include "sasl/client.h"

#include "base/banned.h"

/* What we take, the best first. */
static const struct mechanism {
	const char *name;
	bool shows;  /* shows the password to whoever listens */
	bool speaks; /* the client speaks first */
} mechanisms[] = {
    {"SCRAM-SHA-256", false, true},
    {"PLAIN", true, true},
    {"LOGIN", true, false},
    {"CRAM-MD5", false, false},
};

/* A server that asks for more rounds of PBKDF2 wants our time; for fewer, an easy guess. */
enum { ITERATIONS_MIN = 4096, ITERATIONS_MAX = 1000000 };

struct sasl_client {
	struct sasl_client_params params;
	const struct mechanism *mechanism;
	Gsasl *library;
	Gsasl_session *session;
	bool done;
	bool greedy; /* the server's iteration count was out of bounds */
};

const char *
sasl_client_library(void)
{
	return gsasl_check_version(NULL);
}

static bool
is_offered(const char *offered, const char *name)
{
	char word[40];

	word[0] = ' ';
	(void)str_copy(word + 1, sizeof word - 2, str_slice(name));
	word[strlen(word) + 1] = '\0';
	word[strlen(word)] = ' ';
	return strstr(offered, word) != NULL;
}

/* Why no mechanism can be taken. */
static int
none(const struct sasl_client_params *params, const char *offered, struct err *e)
{
	if (params->mechanism != NULL) {
		(void)err_set(e, EX_NOPERM, "the server does not offer the login %s, only%s",
		    params->mechanism, offered[0] != '\0' ? offered : " none");
		return err_hint(e, "set auth on, to take what the server offers");
	}
	if (offered[0] == '\0') {
		(void)err_set(e, EX_NOPERM, "the server offers no login");
		return err_hint(e, params->protected
				       ? "this may be the wrong port: submission is 587 or 465"
				       : "many servers offer it only under TLS: set tls on");
	}
	(void)err_set(
	    e, EX_NOPERM, "the server offers no login that is safe here, only%s", offered);
	return err_hint(e, params->protected
			       ? "its owner must allow PLAIN, or SCRAM-SHA-256"
			       : "without TLS these show the password to everybody: set tls on");
}

static const struct mechanism *
choose(const struct sasl_client_params *params, const char *offered, struct err *e)
{
	for (size_t i = 0; i < sizeof mechanisms / sizeof mechanisms[0]; i++) {
		const struct mechanism *m = &mechanisms[i];
		bool named = params->mechanism != NULL;

		if (named && !str_is_nocase(str_slice(m->name), params->mechanism))
			continue;
		if (is_offered(offered, m->name) && (named || params->protected || !m->shows))
			return m;
	}
	(void)none(params, offered, e);
	return NULL;
}

/* Refuses an iteration count that is out of bounds before any password is worked on. */
static int
check_iterations(struct sasl_client *c, Gsasl_session *session)
{
	const char *count = gsasl_property_fast(session, GSASL_SCRAM_ITER);
	uint64_t n;

	if (count != NULL && !str_number(str_slice(count), ITERATIONS_MIN, ITERATIONS_MAX, &n))
		c->greedy = true;
	return GSASL_NO_CALLBACK;
}

/* What libgsasl asks of us. */
static int
provide(Gsasl *library, Gsasl_session *session, Gsasl_property property)
{
	struct sasl_client *c = gsasl_session_hook_get(session);
	const struct {
		Gsasl_property property;
		const char *value;
	} values[] = {
	    {GSASL_AUTHID, c->params.user},
	    {GSASL_PASSWORD, c->greedy ? NULL : c->params.password},
	    {GSASL_SERVICE, "smtp"},
	    {GSASL_HOSTNAME, c->params.host},
	};

	(void)library;
	if (property == GSASL_SCRAM_SALTED_PASSWORD)
		return check_iterations(c, session);
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		if (values[i].property != property || values[i].value == NULL)
			continue;
		return gsasl_property_set(session, property, values[i].value);
	}
	return GSASL_NO_CALLBACK;
}

int
sasl_client_new(const struct sasl_client_params *params, const char *offered,
    struct sasl_client **out, struct err *e)
{
	const struct mechanism *mechanism = choose(params, offered, e);
	struct sasl_client *c = mechanism != NULL ? calloc(1, sizeof *c) : NULL;
	int rc;

	if (mechanism == NULL)
		return -1;
	if (c == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for the login");
	c->params = *params;
	c->mechanism = mechanism;
	rc = gsasl_init(&c->library);
	if (rc == GSASL_OK) {
		gsasl_callback_set(c->library, provide);
		rc = gsasl_client_start(c->library, mechanism->name, &c->session);
	}
	if (rc != GSASL_OK) {
		sasl_client_free(c);
		return err_set(e, EX_SOFTWARE, "cannot begin the login %s: %s", mechanism->name,
		    gsasl_strerror(rc));
	}
	gsasl_session_hook_set(c->session, c);
	*out = c;
	return 0;
}

const char *
sasl_client_mechanism(const struct sasl_client *c)
{
	return c->mechanism->name;
}

bool
sasl_client_speaks_first(const struct sasl_client *c)
{
	return c->mechanism->speaks;
}

int
sasl_client_step(struct sasl_client *c, struct slice challenge, struct buf *answer, struct err *e)
{
	struct buf text = BUF_INIT(16 << 10);
	char *reply = NULL;
	int rc;

	if (c->done)
		return err_set(e, EX_PROTOCOL, "the server asks on after the end of the login %s",
		    c->mechanism->name);
	buf_add_slice(&text, str_trim(challenge));
	rc = text.full ? GSASL_MECHANISM_PARSE_ERROR
		       : gsasl_step64(c->session, buf_text(&text), &reply);
	buf_free(&text);
	if (rc != GSASL_OK && rc != GSASL_NEEDS_MORE) {
		if (c->greedy)
			return err_set(e, EX_NOPERM,
			    "the server wants the password worked over too often, or too seldom");
		return err_set(e, EX_PROTOCOL, "the login %s failed: %s", c->mechanism->name,
		    gsasl_strerror(rc));
	}
	c->done = rc == GSASL_OK;
	if (reply != NULL) {
		buf_adds(answer, reply);
		explicit_bzero(reply, strlen(reply));
		gsasl_free(reply);
	}
	return 0;
}

bool
sasl_client_is_done(const struct sasl_client *c)
{
	return c->done;
}

void
sasl_client_free(struct sasl_client *c)
{
	if (c == NULL)
		return;
	if (c->session != NULL)
		gsasl_finish(c->session);
	if (c->library != NULL)
		gsasl_done(c->library);
	free(c);
}
