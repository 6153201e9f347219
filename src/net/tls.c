/*
 * tls: see tls.h. Each call goes to the engine, which is in the module.
 */
#include <config.h>

#include <stdlib.h>

#include "base/module.h"
#include "net/tls.h"
#include "net/tls_engine.h"

#include "base/banned.h"

struct net_tls {
	const struct net_tls_engine *engine;
	struct net_tls_session *session; /* NULL until it is begun */
};

/* With the engine and no session yet. NULL where there is none, or no memory. */
static struct net_tls *
new_session(struct err *e)
{
	const struct module *module = module_get(e);
	struct net_tls *t = module != NULL ? calloc(1, sizeof *t) : NULL;

	if (t != NULL)
		t->engine = module->tls;
	else if (module != NULL)
		(void)err_set(e, EX_TEMPFAIL, "no memory for a TLS session");
	return t;
}

/* Gives T to *OUT where it was begun, which STATUS says. */
static int
give(struct net_tls *t, int status, struct net_tls **out)
{
	if (status != 0)
		free(t);
	else
		*out = t;
	return status;
}

int
net_tls_connect(const struct net_tls_params *params, int fd, struct net_tls **out, struct err *e)
{
	struct net_tls *t = new_session(e);

	return t == NULL ? -1 : give(t, t->engine->connect(params, fd, &t->session, e), out);
}

int
net_tls_accept(const struct net_tls_identity *identity, int fd, struct net_tls **out, struct err *e)
{
	struct net_tls *t = new_session(e);

	return t == NULL ? -1 : give(t, t->engine->accept(identity, fd, &t->session, e), out);
}

int
net_tls_handshake(struct net_tls *t, struct err *e)
{
	return t->engine->handshake(t->session, e);
}

ssize_t
net_tls_read(struct net_tls *t, void *ptr, size_t n, struct err *e)
{
	return t->engine->read(t->session, ptr, n, e);
}

ssize_t
net_tls_write(struct net_tls *t, const void *ptr, size_t n, struct err *e)
{
	return t->engine->write(t->session, ptr, n, e);
}

bool
net_tls_pending(const struct net_tls *t)
{
	return t->engine->pending(t->session);
}

short
net_tls_wants(const struct net_tls *t)
{
	return t->engine->wants(t->session);
}

bool
net_tls_is_resumed(const struct net_tls *t)
{
	return t->engine->is_resumed(t->session);
}

bool
net_tls_broke_resuming(const struct net_tls *t)
{
	return t->engine->broke_resuming(t->session);
}

const char *
net_tls_version(const struct net_tls *t)
{
	return t->engine->version(t->session);
}

const char *
net_tls_cipher(const struct net_tls *t)
{
	return t->engine->cipher(t->session);
}

const char *
net_tls_channel_binding(const struct net_tls *t, struct buf *out)
{
	return t->engine->channel_binding(t->session, out);
}

int
net_tls_certificate(const struct net_tls *t, struct net_certificate *out, struct err *e)
{
	return t->engine->certificate(t->session, out, e);
}

bool
net_tls_is_stapled(const struct net_tls *t)
{
	return t->engine->is_stapled(t->session);
}

void
net_tls_close(struct net_tls *t)
{
	if (t == NULL)
		return;
	t->engine->close(t->session);
	free(t);
}

int
net_tls_identity_load(
    const char *certificate, const char *key, struct net_tls_identity **out, struct err *e)
{
	const struct module *module = module_get(e);

	return module == NULL ? -1 : module->tls->identity_load(certificate, key, out, e);
}

void
net_tls_identity_free(struct net_tls_identity *identity)
{
	struct err ignored;
	const struct module *module = identity != NULL ? module_get(&ignored) : NULL;

	if (module != NULL)
		module->tls->identity_free(identity);
}
