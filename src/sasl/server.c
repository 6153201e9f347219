/*
 * server: see server.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include <gsasl.h>

#include "sasl/property.h"
#include "sasl/server.h"
#include "sasl/users.h"

#include "base/banned.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct sasl_server {
	const struct sasl_server_params *params;
	Gsasl *library;
	Gsasl_session *session;
	struct err fault; /* why a callback failed, if this machine is at fault */
	bool asks;	  /* the mechanism's first question is still to come */
	bool verified;	  /* the last challenge is out, only the client's empty answer is missing */
	char user[256];
};

/* The mechanisms, the best first. */
static const struct row {
	const char *name;
	bool needs_tls;
	bool asks; /* begins with a question whatever the client has said (libgsasl's LOGIN) */
} rows[] = {
    {"SCRAM-SHA-256", false, false},
    {"PLAIN", true, false},
    {"LOGIN", true, true},
};

const char *
sasl_server_mechanisms(bool secure, bool hashes)
{
	if (hashes)
		return secure ? "PLAIN LOGIN" : NULL;
	return secure ? "SCRAM-SHA-256 PLAIN LOGIN" : "SCRAM-SHA-256";
}

static struct slice
property(Gsasl_session *session, Gsasl_property name)
{
	return str_slice(gsasl_property_fast(session, name));
}

/*
 * The user that this login names, a decoy for one that isn't there. Returns whether the user is
 * there, -1 with the fault set where nobody can know.
 */
static int
find_user(struct sasl_server *s, struct sasl_user *out)
{
	struct slice name = property(s->session, GSASL_AUTHID);
	int found = sasl_users_find(s->params->users, name, out, &s->fault);

	if (found == 0 && out->hash[0] == '\0' &&
	    sasl_verifier_decoy(name, s->params->secret, &out->verifier, &s->fault) == -1)
		return -1;
	return found;
}

/* The same by its verifier; for one who has a hash a decoy, since by SCRAM there is no login then.
 */
static int
find_verifier(struct sasl_server *s, struct sasl_verifier *out)
{
	struct slice name = property(s->session, GSASL_AUTHID);
	struct sasl_user user;
	int found = find_user(s, &user);

	*out = user.verifier;
	if (found < 0 || user.hash[0] == '\0')
		return found;
	return sasl_verifier_decoy(name, s->params->secret, out, &s->fault) == -1 ? -1 : 0;
}

/* To act for another user (RFC 4422 2) nobody may. */
static bool
is_for_oneself(Gsasl_session *session)
{
	struct slice for_whom = property(session, GSASL_AUTHZID);

	return for_whom.len == 0 || str_equal(for_whom, property(session, GSASL_AUTHID));
}

/* PLAIN and LOGIN: does the password fit? */
static int
validate(struct sasl_server *s)
{
	struct slice password = property(s->session, GSASL_PASSWORD);
	struct sasl_user user;
	int found = find_user(s, &user);
	int fits = -1;

	if (found >= 0)
		fits = user.hash[0] != '\0'
			   ? sasl_hash_check(user.hash, password, &s->fault)
			   : sasl_verifier_check(&user.verifier, password, &s->fault);
	if (fits == -1)
		return GSASL_AUTHENTICATION_ERROR;
	return found == 1 && fits == 1 && is_for_oneself(s->session) ? GSASL_OK
								     : GSASL_AUTHENTICATION_ERROR;
}

/* SCRAM: all that libgsasl wants to know of the user. */
static int
give(Gsasl_session *session, const struct sasl_verifier *v)
{
	const struct {
		Gsasl_property property;
		const unsigned char *ptr;
		size_t len;
	} values[] = {
	    {GSASL_SCRAM_SALT, v->salt, v->salt_len},
	    {GSASL_SCRAM_STOREDKEY, v->stored_key, sizeof v->stored_key},
	    {GSASL_SCRAM_SERVERKEY, v->server_key, sizeof v->server_key},
	};
	struct buf number = BUF_INIT(16);
	int status;

	buf_addf(&number, "%lu", (unsigned long)v->iterations);
	status = gsasl_property_set(session, GSASL_SCRAM_ITER, buf_text(&number));
	buf_free(&number);
	for (size_t i = 0; status == GSASL_OK && i < COUNT(values); i++)
		status = sasl_property_set(session, values[i].property,
		    (struct slice){(const char *)values[i].ptr, values[i].len});
	return status;
}

static int
give_verifier(struct sasl_server *s)
{
	struct sasl_verifier v;

	if (find_verifier(s, &v) == -1 || !is_for_oneself(s->session))
		return GSASL_AUTHENTICATION_ERROR;
	return give(s->session, &v);
}

/* libgsasl asks. Whatever it asks beyond this has no answer here. */
static int
callback(Gsasl *library, Gsasl_session *session, Gsasl_property name)
{
	struct sasl_server *s = gsasl_session_hook_get(session);

	(void)library;
	if (name == GSASL_VALIDATE_SIMPLE)
		return validate(s);
	if (name == GSASL_SCRAM_ITER)
		return give_verifier(s);
	return GSASL_NO_CALLBACK;
}

static bool
is_offered(struct slice mechanism, bool secure, const struct row **out)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		*out = &rows[i];
		if (str_is_nocase(mechanism, rows[i].name))
			return secure || !rows[i].needs_tls;
	}
	return false;
}

int
sasl_server_new(struct slice mechanism, const struct sasl_server_params *params,
    struct sasl_server **out, struct err *e)
{
	const struct row *row;
	struct sasl_server *s;

	if (!is_offered(mechanism, params->secure, &row))
		return err_set(e, EX_UNAVAILABLE, "no such mechanism");
	s = calloc(1, sizeof *s);
	if (s == NULL || gsasl_init(&s->library) != GSASL_OK) {
		free(s);
		return err_set(e, EX_SOFTWARE, "cannot begin a login");
	}
	s->params = params;
	s->asks = row->asks;
	gsasl_callback_set(s->library, callback);
	if (gsasl_server_start(s->library, row->name, &s->session) != GSASL_OK) {
		sasl_server_free(s);
		return err_set(e, EX_SOFTWARE, "cannot begin a login by %s", row->name);
	}
	gsasl_session_hook_set(s->session, s);
	*out = s;
	return 0;
}

/* What ended the exchange, as an error. */
static enum sasl_server_state
fail(const struct sasl_server *s, int status, struct err *e)
{
	if (s->fault.ex != 0)
		*e = s->fault;
	else if (status == GSASL_AUTHENTICATION_ERROR)
		(void)err_set(e, EX_NOPERM, "user name or password is wrong");
	else
		(void)err_set(e, EX_PROTOCOL, "%s", gsasl_strerror(status));
	return SASL_SERVER_FAILED;
}

/* Keeps the user's name; a name that would not fit has not been found in the users file. */
static enum sasl_server_state
succeed(struct sasl_server *s, struct err *e)
{
	if (!str_copy(s->user, sizeof s->user, property(s->session, GSASL_AUTHID)))
		return fail(s, GSASL_AUTHENTICATION_ERROR, e);
	return SASL_SERVER_DONE;
}

/* One step of libgsasl; *OUT, the challenge in base64 or NULL, is the caller's. */
static int
take(struct sasl_server *s, struct slice response, char **out)
{
	struct buf in = BUF_INIT(16 * 1024);
	int status = GSASL_BASE64_ERROR;

	*out = NULL;
	buf_add_slice(&in, response);
	if (!in.full && str_find_control(response) == response.len)
		status = gsasl_step64(s->session, buf_text(&in), out);
	buf_wipe(&in);
	return status;
}

enum sasl_server_state
sasl_server_step(struct sasl_server *s, struct slice response, struct buf *challenge, struct err *e)
{
	char *out = NULL;
	int status;

	if (s->verified)
		return response.len == 0 ? succeed(s, e) : fail(s, GSASL_MECHANISM_PARSE_ERROR, e);
	/* `AUTH LOGIN dXNlcg==` answers a question that wasn't asked, as many clients do. */
	if (s->asks && response.len > 0) {
		(void)take(s, str_slice(""), &out);
		gsasl_free(out);
	}
	s->asks = false;
	status = take(s, response, &out);
	if (status != GSASL_OK && status != GSASL_NEEDS_MORE) {
		gsasl_free(out);
		return fail(s, status, e);
	}
	if (out != NULL)
		buf_adds(challenge, out);
	/* SMTP's 235 bears no data: the mechanism's last word is one more challenge (RFC 4954 4).
	 */
	s->verified = status == GSASL_OK && out != NULL && out[0] != '\0';
	gsasl_free(out);
	return status == GSASL_OK && !s->verified ? succeed(s, e) : SASL_SERVER_CHALLENGE;
}

const char *
sasl_server_user(const struct sasl_server *s)
{
	return s->user;
}

void
sasl_server_free(struct sasl_server *s)
{
	if (s == NULL)
		return;
	if (s->session != NULL)
		gsasl_finish(s->session);
	gsasl_done(s->library);
	free(s);
}
