/*
 * transcript: a dialogue as people read it, and as the tests play it: a line a line, `S: ` before
 * what the server said, `C: ` before what the client said, `-- ` before a remark. Control bytes are
 * escaped; what is secret is given to it starred.
 */
#ifndef NET_TRANSCRIPT_H
#define NET_TRANSCRIPT_H

#include "base/str.h"

struct net_tls;

struct net_transcript {
	int fd; /* where it goes; -1: nowhere */
};

/* Who said a line. */
enum net_transcript_side { NET_TRANSCRIPT_SERVER, NET_TRANSCRIPT_CLIENT, NET_TRANSCRIPT_REMARK };

/* Writes LINE, without its line end. A transcript that cannot be written stops nothing. */
void net_transcript_line(
    const struct net_transcript *t, enum net_transcript_side side, struct slice line);

/* Writes a remark. */
void net_transcript_remark(const struct net_transcript *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Remarks how the connection is encrypted, now that it is. */
void net_transcript_tls(const struct net_transcript *t, const struct net_tls *tls);

#endif
