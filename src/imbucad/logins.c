/*
 * logins: see logins.h.
 */
#include <config.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "imbucad/logins.h"
#include "imbucad/origin.h"
#include "sasl/server.h"
#include "smtp/refusal.h"
#include "smtp/server.h"

#include "base/banned.h"

enum {
	SECRET_SIZE = 32,
	MOST = 256, /* between two steps; then the oldest is forgotten */
};

struct login {
	uint64_t number; /* reception's, 0 for a free place */
	uint64_t age;
	struct sasl_server *server;
};

struct imbucad_logins {
	unsigned char secret[SECRET_SIZE];
	struct sasl_server_params params[2]; /* without TLS, under TLS */
	pthread_mutex_t lock;		     /* of all below */
	uint64_t clock;
	struct login waiting[MOST]; /* for their clients */
};

struct imbucad_logins *
imbucad_logins_new(const char *users, struct err *e)
{
	struct imbucad_logins *l = calloc(1, sizeof *l);

	if (l == NULL || pthread_mutex_init(&l->lock, NULL) != 0) {
		free(l);
		(void)err_set(e, EX_TEMPFAIL, "no memory for the logins");
		return NULL;
	}
	if (secret_random(l->secret, sizeof l->secret, e) == -1) {
		imbucad_logins_free(l);
		return NULL;
	}
	for (int i = 0; i < 2; i++)
		l->params[i] = (struct sasl_server_params){
		    users, {(const char *)l->secret, sizeof l->secret}, i == 1};
	return l;
}

void
imbucad_logins_free(struct imbucad_logins *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < MOST; i++)
		sasl_server_free(l->waiting[i].server);
	(void)pthread_mutex_destroy(&l->lock);
	explicit_bzero(l->secret, sizeof l->secret);
	free(l);
}

/* Takes the login NUMBER out; NULL where there is none. */
static struct sasl_server *
take(struct imbucad_logins *l, uint64_t number)
{
	struct sasl_server *server = NULL;

	(void)pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < MOST; i++) {
		if (number != 0 && l->waiting[i].number == number) {
			server = l->waiting[i].server;
			l->waiting[i] = (struct login){.number = 0};
		}
	}
	(void)pthread_mutex_unlock(&l->lock);
	return server;
}

static void
put(struct imbucad_logins *l, uint64_t number, struct sasl_server *server)
{
	size_t oldest = 0;

	(void)pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < MOST; i++) {
		if (l->waiting[i].age < l->waiting[oldest].age)
			oldest = i;
	}
	sasl_server_free(l->waiting[oldest].server);
	l->waiting[oldest] = (struct login){number, ++l->clock, server};
	(void)pthread_mutex_unlock(&l->lock);
}

/* The reply to a login that failed, by whose fault it was. */
static void
refuse(const struct err *failed, struct err *e)
{
	static const struct {
		int ex, code;
		const char *enhanced, *text;
	} rows[] = {
	    {EX_NOPERM, 535, "5.7.8", "User name or password is wrong"},
	    {EX_PROTOCOL, 501, "5.5.2", "This is no answer of that mechanism"},
	    {EX_UNAVAILABLE, 504, "5.5.4", "That mechanism is not offered"},
	    {0, 454, "4.7.0", "Logins do not work now"}, /* any other */
	};
	size_t i = 0;

	while (rows[i].ex != failed->ex && rows[i].ex != 0)
		i++;
	(void)smtp_refusal(e, rows[i].code, rows[i].enhanced, "%s", rows[i].text);
}

void
imbucad_logins_answer(
    struct imbucad_logins *l, struct imbucad_wire *in, struct buf *answer, struct err *failed)
{
	struct buf challenge = BUF_INIT(SMTP_SERVER_AUTH_LINE_MAX);
	enum sasl_server_state state = SASL_SERVER_FAILED;
	struct sasl_server *server = NULL;
	struct imbucad_origin origin;
	struct slice mechanism, response;
	struct err e = ERR_INIT;
	uint64_t number;

	imbucad_origin_take(in, &origin);
	number = imbucad_wire_number(in);
	mechanism = imbucad_wire_slice(in);
	response = imbucad_wire_slice(in);
	server = take(l, number);
	if (mechanism.len > 0) {
		sasl_server_free(server);
		server = NULL;
		(void)sasl_server_new(
		    mechanism, &l->params[origin.tls[0] != '\0'], &server, failed);
	} else if (server == NULL) {
		(void)err_set(failed, EX_TEMPFAIL, "the login took too long");
	}
	if (server != NULL)
		state = sasl_server_step(server, response, &challenge, failed);
	if (state == SASL_SERVER_FAILED)
		refuse(failed, &e);
	imbucad_wire_put_err(answer, &e);
	imbucad_wire_put_number(answer, state);
	imbucad_wire_put_slice(answer, buf_slice(&challenge));
	imbucad_wire_put_text(answer, state == SASL_SERVER_DONE ? sasl_server_user(server) : "");
	if (state == SASL_SERVER_CHALLENGE)
		put(l, number, server);
	else
		sasl_server_free(server);
	buf_wipe(&challenge);
}
