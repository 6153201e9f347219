/*
 * excerpt: finds servers' replies in what people have of them: a line of a log, a transcript, the
 * text of a bounce, a report in it (multipart/report, RFC 3464), or the reply itself.
 */
#ifndef EXPLAIN_EXCERPT_H
#define EXPLAIN_EXCERPT_H

#include "base/buf.h"
#include "explain/explain.h"

enum { EXPLAIN_EXCERPT_MAX = 16 << 10 }; /* bytes of a reply that are kept */

struct explain_excerpt {
	int code;		  /* 400..599; 0: a text without one */
	char enhanced[12];	  /* RFC 3463; "" without */
	struct buf text;	  /* its lines without codes, a blank between them */
	enum explain_stage stage; /* as far as the words around it tell */
};

#define EXPLAIN_EXCERPT_INIT                                          \
	{                                                             \
		0, "", BUF_INIT(EXPLAIN_EXCERPT_MAX), EXPLAIN_UNKNOWN \
	}

/*
 * Finds the next reply in *REST and drops what was read from that. OUT is overwritten; the caller
 * frees its text. Returns false where there is none.
 */
bool explain_excerpt_next(struct slice *rest, struct explain_excerpt *out);

/* Takes all of TEXT as one message without a code. */
void explain_excerpt_whole(struct slice text, struct explain_excerpt *out);

#endif
