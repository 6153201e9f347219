/*
 * explain: what a server's reply means: how the program ends for it, why it came, what to do.
 *
 * The stage decides as much as the code: a 550 to RCPT is about the recipient, one to MAIL or
 * after DATA about the sender or the content, a 554 instead of a greeting about this machine's
 * address. Rules stand in one table, the special before the general, so that a reply which no rule
 * names still comes out by its code's first digit (RFC 5321 4.2.1, RFC 3463).
 */
#ifndef EXPLAIN_EXPLAIN_H
#define EXPLAIN_EXPLAIN_H

#include "base/str.h"

/* Where a reply came, as bits. */
enum explain_stage {
	EXPLAIN_CONNECT = 1 << 0, /* instead of a greeting */
	EXPLAIN_EHLO = 1 << 1,
	EXPLAIN_TLS = 1 << 2, /* to STARTTLS */
	EXPLAIN_AUTH = 1 << 3,
	EXPLAIN_MAIL = 1 << 4,
	EXPLAIN_RCPT = 1 << 5,
	EXPLAIN_DATA = 1 << 6, /* to DATA, and after the content */
};

/* A verdict. The texts are constant. */
struct explain_verdict {
	int ex;		    /* sysexits.h */
	const char *cause;  /* a sentence without its full stop; "" where there is none to tell */
	const char *remedy; /* likewise */
};

/* The verdict on a reply of CODE (400..599, else taken for 500) and ENHANCED ("" without) to STAGE.
 */
struct explain_verdict explain_reply(enum explain_stage stage, int code, const char *enhanced);

#endif
