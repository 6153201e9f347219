/*
 * oauth: see oauth.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "sasl/client.h"
#include "sasl/mechanism.h"
#include "sasl/oauth.h"

#include "base/banned.h"

enum { REASON_SIZE = 200 };

struct session {
	const struct sasl_client_params *params;
	const struct form *form;
	enum { TOKEN, REFUSED, OVER } state; /* what is said next */
	char reason[REASON_SIZE];	     /* of the server's refusal, escaped */
};

/* The name in a GS2 header: without the comma and equals sign that part its fields (RFC 5801 4). */
static void
add_saslname(struct buf *b, const char *name)
{
	for (; *name != '\0'; name++) {
		if (*name == ',' || *name == '=')
			buf_adds(b, *name == ',' ? "=2C" : "=3D");
		else
			buf_addc(b, *name);
	}
}

static void
add_oauthbearer(struct buf *b, const struct sasl_client_params *params)
{
	buf_adds(b, "n,a=");
	add_saslname(b, params->user);
	buf_addf(b, ",\001host=%s\001port=%u", params->host, params->port);
}

static void
add_xoauth2(struct buf *b, const struct sasl_client_params *params)
{
	buf_addf(b, "user=%s", params->user);
}

/* What is different: who logs in, and the answer that lets the server refuse. */
static const struct form {
	const char *mechanism;
	void (*add_user)(struct buf *b, const struct sasl_client_params *params);
	const char *give_up;
} forms[] = {
    {"OAUTHBEARER", add_oauthbearer, "\001"},
    {"XOAUTH2", add_xoauth2, ""},
};

static int
open_session(const struct sasl_mechanism *m, const struct sasl_client_params *params,
    void **session, struct err *e)
{
	const struct form *form = forms;
	struct session *s = calloc(1, sizeof *s);

	if (s == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for the login");
	while (strcmp(form->mechanism, m->name) != 0)
		form++;
	s->params = params;
	s->form = form;
	*session = s;
	return 1;
}

/*
 * The text of the member KEY (in quotes) of JSON. What looks otherwise is no loss: a person reads
 * it.
 */
static struct slice
member(struct slice json, const char *key)
{
	size_t len = strlen(key);
	struct slice rest = json, none = {NULL, 0};

	while (rest.len >= len && memcmp(rest.ptr, key, len) != 0)
		rest = (struct slice){rest.ptr + 1, rest.len - 1};
	if (rest.len < len)
		return none;
	rest = (struct slice){rest.ptr + len, rest.len - len};
	if (!str_is(str_trim(str_cut(&rest, '"')), ":"))
		return none;
	return str_cut(&rest, '"');
}

/* Keeps what the server says about the token, for told. */
static void
keep_reason(struct session *s, struct slice json)
{
	static const char *const keys[] = {"\"status\"", "\"schemes\"", "\"scope\""};
	struct buf reason = BUF_INIT(REASON_SIZE);

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		struct slice value = str_trim(member(json, keys[i]));

		if (value.len == 0)
			continue;
		buf_addf(&reason, "%s%.*s ", reason.len > 0 ? ", " : "", (int)strlen(keys[i]) - 2,
		    keys[i] + 1);
		buf_add_slice(&reason, value);
	}
	(void)str_escape(s->reason, sizeof s->reason, buf_slice(&reason));
	buf_free(&reason);
}

static int
step(void *session, struct slice challenge, struct buf *answer, struct err *e)
{
	struct session *s = session;

	switch (s->state) {
	case TOKEN:
		s->form->add_user(answer, s->params);
		buf_addf(answer, "\001auth=Bearer %s\001\001", s->params->password);
		s->state = REFUSED;
		return 1;
	case REFUSED:
		keep_reason(s, challenge);
		buf_adds(answer, s->form->give_up);
		s->state = OVER;
		return 0;
	case OVER:
		break;
	}
	return err_set(
	    e, EX_PROTOCOL, "the server asks on after the end of the login %s", s->form->mechanism);
}

static const char *
told(const void *session)
{
	const struct session *s = session;

	return s->reason;
}

static void
close_session(void *session)
{
	free(session);
}

const struct sasl_engine sasl_oauth_engine = {open_session, step, told, close_session};
