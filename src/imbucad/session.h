/*
 * session: one client of the daemon, from the greeting to the end. It never waits: it goes on as
 * far as it can and says what it waits for.
 */
#ifndef IMBUCAD_SESSION_H
#define IMBUCAD_SESSION_H

#include <stdbool.h>

#include "base/deadline.h"
#include "base/err.h"
#include "net/connect.h"
#include "net/tls.h"
#include "sasl/server.h"
#include "smtp/server.h"

/* What all sessions share; it outlives them. */
struct imbucad_session_service {
	const char *maildir;
	const char *log; /* a file; NULL for syslog */
	const struct net_tls_identity *identity;
	struct smtp_server_params smtp;
	struct sasl_server_params login[2]; /* without TLS, under TLS */
};

struct imbucad_session;

/*
 * A session on the connection FD, which it then owns, with PEER; TLS says that TLS comes first.
 * NULL where there is no memory: FD is closed then.
 */
struct imbucad_session *imbucad_session_new(
    const struct imbucad_session_service *service, int fd, const struct net_peer *peer, bool tls);

/* Ends it and closes its connection. */
void imbucad_session_free(struct imbucad_session *s);

/*
 * Goes on. Returns what it waits for, POLLIN or POLLOUT, or both when it only makes room for
 * others; 0 when it is over.
 */
short imbucad_session_run(struct imbucad_session *s);

/* Gives it a last word, E, and a few seconds to hear it; then run it. */
void imbucad_session_end(struct imbucad_session *s, const struct err *e);

/* Until when it may wait; whether it has had its last word; whether a message is under way. */
struct deadline imbucad_session_deadline(const struct imbucad_session *s);
bool imbucad_session_is_ending(const struct imbucad_session *s);
bool imbucad_session_is_busy(const struct imbucad_session *s);

#endif
