/*
 * library: see library.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include <gsasl.h>

#include "base/base64.h"
#include "base/crypto.h"
#include "sasl/client.h"
#include "sasl/library.h"
#include "sasl/mechanism.h"
#include "sasl/property.h"

#include "base/banned.h"

/* A server that asks for more rounds of PBKDF2 wants our time; for fewer, an easy guess. */
enum { ITERATIONS_MIN = 4096, ITERATIONS_MAX = 1000000 };

enum { SALT_MAX = 64 << 10 }; /* bytes */

struct session {
	const struct sasl_mechanism *mechanism;
	const struct sasl_client_params *params;
	Gsasl *library;
	Gsasl_session *gsasl;
	bool over;   /* the mechanism has come to its end */
	bool greedy; /* the server's iteration count was out of bounds */
};

static bool
is(const struct session *s, const char *name)
{
	return strcmp(s->mechanism->name, name) == 0;
}

/* --- what libgsasl asks of us --- */

/* The property for a channel binding of TYPE; 0 where this libgsasl knows no such type. */
static Gsasl_property
binding_property(const char *type)
{
	static const struct {
		const char *type;
		Gsasl_property property;
	} known[] = {
#if GSASL_VERSION_NUMBER >= 0x020000
		{"tls-exporter", GSASL_CB_TLS_EXPORTER},
#endif
		{"tls-unique", GSASL_CB_TLS_UNIQUE},
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (strcmp(known[i].type, type) == 0)
			return known[i].property;
	}
	return 0;
}

/*
 * The password as SASLprep (RFC 4013) wants it, which the caller wipes. libgsasl 2.2 reads the flag
 * for characters younger than SASLprep the wrong way round: one of its two values takes them.
 */
static int
prepare(const char *password, char **prepared)
{
	if (gsasl_saslprep(password, GSASL_ALLOW_UNASSIGNED, prepared, NULL) == GSASL_OK)
		return GSASL_OK;
	return gsasl_saslprep(password, 0, prepared, NULL);
}

/* Gives libgsasl SCRAM's SaltedPassword (RFC 5802, 3) of the PREPARED password. */
static int
set_salted(struct session *s, struct slice prepared, struct slice salt, uint32_t iterations)
{
	bool sha1 = str_begins_nocase(str_slice(s->mechanism->name), "SCRAM-SHA-1");
	size_t size = sha1 ? CRYPTO_SHA1_SIZE : CRYPTO_SHA256_SIZE;
	unsigned char salted[CRYPTO_SHA256_SIZE];
	char hex[2 * CRYPTO_SHA256_SIZE + 1] = "";
	struct err ignored = ERR_INIT;
	int rc;

	if (sha1)
		rc = crypto_pbkdf2_sha1(prepared, salt, iterations, salted, &ignored);
	else
		rc = crypto_pbkdf2_sha256(prepared, salt, iterations, salted, &ignored);
	if (rc != 0)
		return GSASL_CRYPTO_ERROR;
	str_hex(hex, salted, size);
	rc = gsasl_property_set(s->gsasl, GSASL_SCRAM_SALTED_PASSWORD, hex);
	explicit_bzero(salted, sizeof salted);
	explicit_bzero(hex, sizeof hex);
	return rc;
}

/* The same from what the server said, which is judged before any password is worked on. */
static int
give_salted(struct session *s)
{
	const char *count = gsasl_property_fast(s->gsasl, GSASL_SCRAM_ITER);
	const char *text = gsasl_property_fast(s->gsasl, GSASL_SCRAM_SALT);
	struct buf salt = BUF_INIT(SALT_MAX);
	char *prepared = NULL;
	uint64_t iterations;
	int rc;

	if (count == NULL || text == NULL)
		return GSASL_NO_CALLBACK;
	if (!str_number(str_slice(count), ITERATIONS_MIN, ITERATIONS_MAX, &iterations)) {
		s->greedy = true;
		return GSASL_NO_CALLBACK;
	}
	rc = base64_decode(&salt, str_slice(text)) ? prepare(s->params->password, &prepared)
						   : GSASL_BASE64_ERROR;
	if (rc == GSASL_OK) {
		rc = set_salted(s, str_slice(prepared), buf_slice(&salt), (uint32_t)iterations);
		explicit_bzero(prepared, strlen(prepared));
	}
	gsasl_free(prepared);
	buf_free(&salt);
	return rc;
}

/* Nothing is given but what the mechanism is meant to have: libgsasl takes all that it gets. */
static int
provide(Gsasl *library, Gsasl_session *gsasl, Gsasl_property property)
{
	struct session *s = gsasl_session_hook_get(gsasl);
	bool scram = str_begins_nocase(str_slice(s->mechanism->name), "SCRAM-");
	bool secretless = (s->mechanism->traits & SASL_MECHANISM_NO_PASSWORD) != 0;
	const struct {
		Gsasl_property property;
		const char *value;
	} values[] = {
	    {GSASL_AUTHID, s->params->user},
	    {GSASL_AUTHZID, secretless ? s->params->user : NULL},
	    {GSASL_PASSWORD, scram || secretless ? NULL : s->params->password},
	    {GSASL_REALM, is(s, "NTLM") ? s->params->domain : NULL},
	    {GSASL_SERVICE, "smtp"},
	    {GSASL_HOSTNAME, s->params->host},
	};

	(void)library;
	if (property == GSASL_SCRAM_SALTED_PASSWORD)
		return give_salted(s);
	if ((s->mechanism->traits & SASL_MECHANISM_BINDS) != 0 &&
	    property == binding_property(s->params->binding_type))
		return sasl_property_set(gsasl, property, s->params->binding);
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		if (values[i].property == property && values[i].value != NULL)
			return gsasl_property_set(gsasl, property, values[i].value);
	}
	return GSASL_NO_CALLBACK;
}

/* --- the engine --- */

/* libgsasl frees its copy of a secret as it is; this wipes it where it lies. */
static void
wipe_property(Gsasl_session *gsasl, Gsasl_property property)
{
	union {
		const char *in;
		char *out;
	} copy = {.in = gsasl_property_fast(gsasl, property)};

	if (copy.in != NULL)
		explicit_bzero(copy.out, strlen(copy.in));
}

static void
close_session(void *session)
{
	struct session *s = session;

	if (s->gsasl != NULL) {
		wipe_property(s->gsasl, GSASL_PASSWORD);
		wipe_property(s->gsasl, GSASL_SCRAM_SALTED_PASSWORD);
		gsasl_finish(s->gsasl);
	}
	if (s->library != NULL)
		gsasl_done(s->library);
	free(s);
}

static int
open_session(const struct sasl_mechanism *m, const struct sasl_client_params *params,
    void **session, struct err *e)
{
	struct session *s;
	int rc;

	if ((m->traits & SASL_MECHANISM_BINDS) != 0 && binding_property(params->binding_type) == 0)
		return 0;
	s = calloc(1, sizeof *s);
	if (s == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for the login");
	s->mechanism = m;
	s->params = params;
	rc = gsasl_init(&s->library);
	if (rc == GSASL_OK) {
		gsasl_callback_set(s->library, provide);
		rc = gsasl_client_start(s->library, m->name, &s->gsasl);
	}
	if (rc != GSASL_OK) {
		close_session(s);
		return rc == GSASL_UNKNOWN_MECHANISM
			   ? 0
			   : err_set(e, EX_SOFTWARE, "cannot begin the login %s: %s", m->name,
				 gsasl_strerror(rc));
	}
	gsasl_session_hook_set(s->gsasl, s);
	*session = s;
	return 1;
}

/* What libgsasl's RC in the middle of a login means. */
static int
fail(const struct session *s, int rc, struct err *e)
{
	if (s->greedy)
		return err_set(e, EX_NOPERM,
		    "the server wants the password worked over too often, or too seldom");
	if (rc == GSASL_SASLPREP_ERROR)
		return err_set(e, EX_CONFIG,
		    "user or password have characters that the login %s cannot carry",
		    s->mechanism->name);
	if (rc == GSASL_GSSAPI_INIT_SEC_CONTEXT_ERROR) {
		(void)err_set(e, EX_NOPERM, "there is no Kerberos ticket for this server");
		return err_hint(e, "get one with kinit");
	}
	if (rc == GSASL_AUTHENTICATION_ERROR)
		return err_set(e, EX_PROTOCOL,
		    "the server does not answer in the login %s what one that knows the password "
		    "would",
		    s->mechanism->name);
	return err_set(
	    e, EX_PROTOCOL, "the login %s failed: %s", s->mechanism->name, gsasl_strerror(rc));
}

static int
step(void *session, struct slice challenge, struct buf *answer, struct err *e)
{
	struct session *s = session;
	char *bytes = NULL;
	size_t n = 0;
	int rc;

	if (s->over)
		return err_set(e, EX_PROTOCOL, "the server asks on after the end of the login %s",
		    s->mechanism->name);
	rc = gsasl_step(s->gsasl, challenge.ptr, challenge.len, &bytes, &n);
	if (rc != GSASL_OK && rc != GSASL_NEEDS_MORE)
		return fail(s, rc, e);
	if (bytes != NULL) {
		buf_add(answer, bytes, n);
		explicit_bzero(bytes, n);
		gsasl_free(bytes);
	}
	s->over = rc == GSASL_OK;
	return s->over;
}

const struct sasl_engine sasl_library_engine = {open_session, step, NULL, close_session};
