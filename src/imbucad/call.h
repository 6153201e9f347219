/*
 * call: how one process of the daemon asks another: a request over a socket that any number of
 * callers and servers share (SOCK_SEQPACKET, so that each request is taken whole by one of them),
 * and with it a socket of its own for the answer.
 *
 * A server that dies takes that socket with it, and the caller knows at once; a request that nobody
 * had taken yet waits for the server's successor.
 */
#ifndef IMBUCAD_CALL_H
#define IMBUCAD_CALL_H

#include "base/buf.h"
#include "base/deadline.h"
#include "base/err.h"

enum { IMBUCAD_CALL_MAX = 128 << 10 /* bytes of a request, and of an answer */ };

/* The two ends of a service: callers use [0], servers [1]. -1 with EX_OSERR. */
int imbucad_call_open(int ends[2], struct err *e);

/*
 * Asks. FD goes with the request and stays the caller's; -1 for none. Returns the socket on which
 * the answer comes, which the caller closes. Never waits: -1 with EX_TEMPFAIL where the service is
 * overloaded, EX_UNAVAILABLE where there are no servers any more.
 */
int imbucad_call_begin(int service, struct slice request, int fd, struct err *e);

/*
 * Takes the answer that REPLY has into OUT, and the descriptor that came with it into FD (-1 for
 * none), which the caller closes. Waits no longer than WITHIN. -1 with EX_TEMPFAIL where the server
 * died, or at the deadline.
 */
int imbucad_call_end(int reply, struct deadline within, struct buf *out, int *fd, struct err *e);

/* Both, in one. */
int imbucad_call(int service, struct slice request, int fd, struct deadline within, struct buf *out,
    int *out_fd, struct err *e);

/* What a server has taken. */
struct imbucad_call {
	struct buf request;
	int fd;	   /* that came with it, -1 for none */
	int reply; /* for imbucad_call_answer */
};

/* Takes the next request; waits for it. 1; 0 when there are no callers any more, or a signal came.
 */
int imbucad_call_take(int service, struct imbucad_call *out);

/* Answers, with FD (-1 for none), which stays the server's; and ends the call. */
void imbucad_call_answer(struct imbucad_call *call, struct slice answer, int fd);

/* Serves until there are no callers any more: HANDLE writes its answer, and sets *FD, closed then.
 */
typedef void imbucad_call_handler(
    void *context, struct imbucad_call *call, struct buf *answer, int *fd);

/* THREADS threads (at least 1, the calling one among them) serve. */
void imbucad_call_serve(int service, unsigned threads, imbucad_call_handler *handle, void *context);

#endif
