/*
 * client: see client.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/module.h"
#include "sasl/client.h"
#include "sasl/engine.h"
#include "sasl/mechanism.h"

#include "base/banned.h"

/* Bytes of a challenge and an answer without their base64. */
enum { CHALLENGE_MAX = 64 << 10, ANSWER_MAX = 12 << 10 };

struct sasl_client {
	struct sasl_client_params params;
	const char *offered;
	const struct sasl_mechanism *mechanism;
	const struct sasl_engine *engine; /* its */
	void *session;			  /* the engine's; NULL for none */
	bool done;
};

static void
close_session(struct sasl_client *c)
{
	if (c->session != NULL)
		c->engine->close(c->session);
	c->session = NULL;
	c->done = false;
}

/* Begins the mechanism that was chosen. As an engine's open. */
static int
open_session(struct sasl_client *c, struct err *e)
{
	const struct module *module = c->mechanism->engine == NULL ? module_get(e) : NULL;

	if (c->mechanism->engine == NULL && module == NULL)
		return -1;
	c->engine = module != NULL ? module->sasl : c->mechanism->engine;
	return c->engine->open(c->mechanism, &c->params, &c->session, e);
}

int
sasl_client_next(struct sasl_client *c, struct err *e)
{
	int rc = 0;

	close_session(c);
	while (rc == 0) {
		c->mechanism = sasl_mechanism_next(c->mechanism, &c->params, c->offered);
		if (c->mechanism == NULL)
			return 0;
		rc = open_session(c, e);
	}
	return rc;
}

int
sasl_client_new(const struct sasl_client_params *params, const char *offered,
    struct sasl_client **out, struct err *e)
{
	struct sasl_client *c = calloc(1, sizeof *c);
	int rc;

	if (c == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for the login");
	c->params = *params;
	c->offered = offered;
	rc = sasl_client_next(c, e);
	if (rc == 1) {
		*out = c;
		return 0;
	}
	sasl_client_free(c);
	return rc == 0 ? sasl_mechanism_fail(params, offered, e) : -1;
}

const char *
sasl_client_mechanism(const struct sasl_client *c)
{
	return c->mechanism->name;
}

bool
sasl_client_speaks_first(const struct sasl_client *c)
{
	return (c->mechanism->traits & SASL_MECHANISM_SPEAKS) != 0;
}

/* Appends the base64 of BYTES, a secret, to ANSWER. */
static int
encode(struct slice bytes, struct buf *answer, struct err *e)
{
	base64_encode(answer, bytes);
	return answer->full ? err_set(e, EX_DATAERR, "the answer of the login is too long") : 0;
}

int
sasl_client_step(struct sasl_client *c, struct slice challenge, struct buf *answer, struct err *e)
{
	struct buf given = BUF_INIT(CHALLENGE_MAX), bytes = BUF_INIT(ANSWER_MAX);
	int rc;

	if (!base64_decode(&given, str_trim(challenge))) {
		buf_wipe(&given);
		return err_set(e, EX_PROTOCOL,
		    "the server's challenge in the login %s is no base64", c->mechanism->name);
	}
	rc = c->engine->step(c->session, buf_slice(&given), &bytes, e);
	if (rc >= 0 && bytes.full)
		rc = err_set(e, EX_DATAERR, "the answer of the login is too long");
	c->done = rc == 1;
	if (rc >= 0)
		rc = encode(buf_slice(&bytes), answer, e);
	buf_wipe(&bytes);
	buf_wipe(&given);
	return rc;
}

bool
sasl_client_is_done(const struct sasl_client *c)
{
	return c->done;
}

const char *
sasl_client_told(const struct sasl_client *c)
{
	return c->session != NULL && c->engine->told != NULL ? c->engine->told(c->session) : "";
}

void
sasl_client_free(struct sasl_client *c)
{
	if (c == NULL)
		return;
	close_session(c);
	free(c);
}
