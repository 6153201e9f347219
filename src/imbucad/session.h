/*
 * session: one client of the daemon, from the greeting to the end. It never waits: it goes on as
 * far as it can and says what it waits for.
 */
#ifndef IMBUCAD_SESSION_H
#define IMBUCAD_SESSION_H

#include <stdbool.h>

#include "base/deadline.h"
#include "base/err.h"
#include "imbucad/origin.h"
#include "net/tls.h"
#include "smtp/server.h"

/* What a listener's sessions share; it outlives them. */
struct imbucad_session_service {
	const struct net_tls_identity *identity;
	struct smtp_server_params smtp;
	bool tls;	   /* comes first */
	bool is_door;	   /* for the daemon's own runner alone */
	int timeout;	   /* milliseconds for a command */
	int spool, logins; /* services: imbucad/call.h, imbucad/request.h */
};

/* What a session waits for besides its client. */
enum { IMBUCAD_SESSION_OVER = -1 };

struct imbucad_session;

/*
 * A session on the connection FD, which it then owns; ORIGIN says from where, its texts are copied.
 * NULL where there is no memory: FD is closed then.
 */
struct imbucad_session *imbucad_session_new(
    const struct imbucad_session_service *service, int fd, const struct imbucad_origin *origin);

/* Ends it and closes its connection. */
void imbucad_session_free(struct imbucad_session *s);

/*
 * Goes on. Returns what it waits for of the client: POLLIN or POLLOUT, or both when it only makes
 * room for others; 0 while it waits for another process alone; IMBUCAD_SESSION_OVER.
 */
int imbucad_session_run(struct imbucad_session *s);

/* The socket on which another process is to answer, -1 where none is; and when that is readable. */
int imbucad_session_call(const struct imbucad_session *s);
void imbucad_session_answered(struct imbucad_session *s);

/* Gives it a last word, E, and a few seconds to hear it; then run it. */
void imbucad_session_end(struct imbucad_session *s, const struct err *e);

/* Before it has run: what is said to it first is its greeting (RFC 5321 3.1). */
void imbucad_session_withhold_greeting(struct imbucad_session *s);

/* Until when it may wait; whether it has had its last word; whether a message is under way. */
struct deadline imbucad_session_deadline(const struct imbucad_session *s);
bool imbucad_session_is_ending(const struct imbucad_session *s);
bool imbucad_session_is_busy(const struct imbucad_session *s);

#endif
