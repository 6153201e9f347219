/*
 * engine: what speaks a mechanism as a client, behind sasl/client. libgsasl is one engine
 * (sasl/library), our own mechanisms are others. An engine knows no base64: it takes and gives the
 * bytes of RFC 4422.
 */
#ifndef SASL_ENGINE_H
#define SASL_ENGINE_H

#include "base/buf.h"
#include "base/err.h"

struct sasl_client_params;
struct sasl_mechanism;

struct sasl_engine {
	/*
	 * Begins M for PARAMS, which outlive the session. Returns 1; 0 where this build cannot
	 * speak it; -1.
	 */
	int (*open)(const struct sasl_mechanism *m, const struct sasl_client_params *params,
	    void **session, struct err *e);

	/*
	 * Answers CHALLENGE with what it appends to ANSWER. Returns 1 where no more is needed from
	 * the server than its 235, 0 where it must go on; -1 as sasl_client_step.
	 */
	int (*step)(void *session, struct slice challenge, struct buf *answer, struct err *e);

	/* The server's reason for refusing, as sasl_client_told. NULL: it never says one. */
	const char *(*told)(const void *session);

	/* Wipes and frees the session. */
	void (*close)(void *session);
};

#endif
