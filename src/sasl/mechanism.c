/*
 * mechanism: see mechanism.h.
 */
#include <config.h>

#include <string.h>

#include "base/str.h"
#include "sasl/client.h"
#include "sasl/mechanism.h"
#include "sasl/oauth.h"

#include "base/banned.h"

enum {
	SPEAKS = SASL_MECHANISM_SPEAKS,
	SHOWS = SASL_MECHANISM_SHOWS,
	BINDS = SASL_MECHANISM_BINDS,
	NAMED = SASL_MECHANISM_NAMED,
	NO_PASSWORD = SASL_MECHANISM_NO_PASSWORD,
	TOKEN = SASL_MECHANISM_TOKEN,
};

#define LIBGSASL NULL

/* CRAM-MD5 stands before DIGEST-MD5, whose realms few servers and clients agree on (RFC 6331). */
static const struct sasl_mechanism mechanisms[] = {
    {"SCRAM-SHA-256-PLUS", SPEAKS | BINDS, LIBGSASL},
    {"SCRAM-SHA-1-PLUS", SPEAKS | BINDS, LIBGSASL},
    {"SCRAM-SHA-256", SPEAKS, LIBGSASL},
    {"SCRAM-SHA-1", SPEAKS, LIBGSASL},
    {"PLAIN", SPEAKS | SHOWS, LIBGSASL},
    {"LOGIN", SHOWS, LIBGSASL},
    {"CRAM-MD5", 0, LIBGSASL},
    {"DIGEST-MD5", 0, LIBGSASL},
    {"EXTERNAL", SPEAKS | NAMED | NO_PASSWORD, LIBGSASL},
    {"GSSAPI", SPEAKS | NAMED | NO_PASSWORD, LIBGSASL},
    {"NTLM", SPEAKS | NAMED, LIBGSASL},
    {"OAUTHBEARER", SPEAKS | SHOWS | TOKEN, &sasl_oauth_engine},
    {"XOAUTH2", SPEAKS | SHOWS | TOKEN, &sasl_oauth_engine},
};

enum { COUNT = sizeof mechanisms / sizeof mechanisms[0] };

static const struct sasl_mechanism *
find(const char *name)
{
	for (size_t i = 0; i < COUNT; i++) {
		if (str_is_nocase(str_slice(name), mechanisms[i].name))
			return &mechanisms[i];
	}
	return NULL;
}

static bool
is_offered(const char *offered, const char *name)
{
	struct slice rest = str_slice(offered);

	while (rest.ptr != NULL) {
		if (str_is(str_cut(&rest, ' '), name))
			return true;
	}
	return false;
}

static bool
is_allowed(const struct sasl_mechanism *m, const struct sasl_client_params *params)
{
	bool named = params->mechanism != NULL;

	if (named && !str_is_nocase(str_slice(m->name), params->mechanism))
		return false;
	if (!named && (m->traits & NAMED) != 0)
		return false;
	if (!named && ((m->traits & TOKEN) != 0) != params->is_token)
		return false;
	if (!named && (m->traits & SHOWS) != 0 && !params->protected)
		return false;
	return (m->traits & BINDS) == 0 || params->binding_type != NULL;
}

const struct sasl_mechanism *
sasl_mechanism_next(const struct sasl_mechanism *after, const struct sasl_client_params *params,
    const char *offered)
{
	const struct sasl_mechanism *m = after != NULL ? after + 1 : mechanisms;

	for (; m < mechanisms + COUNT; m++) {
		if (is_offered(offered, m->name) && is_allowed(m, params))
			return m;
	}
	return NULL;
}

/* Why the one that the account names cannot be taken. */
static int
fail_named(const struct sasl_client_params *params, const char *offered, struct err *e)
{
	const struct sasl_mechanism *m = find(params->mechanism);

	if ((m == NULL || !is_offered(offered, m->name)) && offered[0] != '\0')
		(void)err_set(e, EX_NOPERM, "the server does not offer the login %s, only %.*s",
		    params->mechanism, STR_ARGS(str_trim(str_slice(offered))));
	else if (m == NULL || !is_offered(offered, m->name))
		(void)err_set(e, EX_NOPERM, "the server does not offer the login %s, nor any other",
		    params->mechanism);
	else if ((m->traits & BINDS) != 0 && params->binding_type == NULL)
		(void)err_set(e, EX_NOPERM,
		    "the login %s needs TLS 1.3, or 1.2 with an extended master secret", m->name);
	else
		(void)err_set(e, EX_NOPERM, "the login %s is not in this build", m->name);
	(void)err_failure(e, "no_mechanism");
	return err_hint(e, "set auth on, to take what the server offers");
}

int
sasl_mechanism_fail(const struct sasl_client_params *params, const char *offered, struct err *e)
{
	struct slice names = str_trim(str_slice(offered));

	if (params->mechanism != NULL)
		return fail_named(params, offered, e);
	if (offered[0] == '\0') {
		(void)err_set(e, EX_NOPERM, "the server offers no login");
		return err_failure(e, params->protected ? "no_login" : "no_login_in_clear");
	}
	if (params->is_token && params->protected) {
		(void)err_set(e, EX_NOPERM,
		    "the server offers no login that takes a token, only %.*s", STR_ARGS(names));
		return err_failure(e, "no_token_login");
	}
	(void)err_set(e, EX_NOPERM, "the server offers no login that is safe here, only %.*s",
	    STR_ARGS(names));
	return err_failure(e, params->protected ? "no_mechanism" : "no_login_in_clear");
}

bool
sasl_mechanism_needs_password(const char *name)
{
	const struct sasl_mechanism *m = name != NULL ? find(name) : NULL;

	return m == NULL || (m->traits & NO_PASSWORD) == 0;
}

bool
sasl_mechanism_takes_token(const char *name)
{
	const struct sasl_mechanism *m = name != NULL ? find(name) : NULL;

	return name == NULL || (m != NULL && (m->traits & TOKEN) != 0);
}
