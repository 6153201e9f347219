/*
 * origin: where a client comes from, as far as it is known without asking it, and what it has said
 * and shown since.
 */
#ifndef IMBUCAD_ORIGIN_H
#define IMBUCAD_ORIGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "imbucad/wire.h"
#include "net/connect.h"

/* The least trusted first. */
enum imbucad_origin_kind {
	IMBUCAD_ORIGIN_NETWORK,	 /* anybody */
	IMBUCAD_ORIGIN_LOOPBACK, /* a program of this machine */
	IMBUCAD_ORIGIN_UNIX,	 /* a program of this machine, whose user the kernel names */
	IMBUCAD_ORIGIN_QUEUE,	 /* the daemon's own runner, with what was taken before */
};

/* Texts are the session's, or lie in the request that was read. */
struct imbucad_origin {
	enum imbucad_origin_kind kind;
	uint64_t uid;	      /* of a unix socket's peer */
	const char *address;  /* numeric; "" for a unix socket's peer */
	const char *login;    /* the name it has logged in with, "" before */
	const char *client;   /* what it called itself, "" before */
	const char *protocol; /* of RFC 3848 */
	const char *tls;      /* the version, "" without */
};

/* Does the kernel say who such a client is? He may hear what is this machine's own business. */
bool imbucad_origin_is_inside(enum imbucad_origin_kind kind);

/* What kind a client with this numeric address is. */
enum imbucad_origin_kind imbucad_origin_of(const char *address);

/* Appends it to a request; takes it out of one. */
void imbucad_origin_put(struct buf *out, const struct imbucad_origin *origin);
void imbucad_origin_take(struct imbucad_wire *in, struct imbucad_origin *out);

/* Adds it to a line of the log. */
void imbucad_origin_log(struct log_line *line, const struct imbucad_origin *origin);

#endif
