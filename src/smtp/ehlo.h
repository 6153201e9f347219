/*
 * ehlo: what a server says it can (RFC 5321 4.1.1.1), read from its reply to EHLO.
 */
#ifndef SMTP_EHLO_H
#define SMTP_EHLO_H

#include <stdint.h>

#include "smtp/reply.h"

/* The extensions that matter here, as bits. */
enum {
	SMTP_EHLO_PIPELINING = 1 << 0,		/* RFC 2920 */
	SMTP_EHLO_SIZE = 1 << 1,		/* RFC 1870 */
	SMTP_EHLO_8BITMIME = 1 << 2,		/* RFC 6152 */
	SMTP_EHLO_STARTTLS = 1 << 3,		/* RFC 3207 */
	SMTP_EHLO_AUTH = 1 << 4,		/* RFC 4954 */
	SMTP_EHLO_ENHANCEDSTATUSCODES = 1 << 5, /* RFC 2034 */
	SMTP_EHLO_SMTPUTF8 = 1 << 6,		/* RFC 6531 */
	SMTP_EHLO_DSN = 1 << 7,			/* RFC 3461 */
	SMTP_EHLO_CHUNKING = 1 << 8,		/* RFC 3030 */
	SMTP_EHLO_LIMITS = 1 << 9,		/* RFC 9422 */
	SMTP_EHLO_ETRN = 1 << 10,		/* RFC 1985 */
	SMTP_EHLO_XWAIT = 1 << 11,		/* imbucad's: smtp/params.h */
	SMTP_EHLO_XQUEUE = 1 << 12,		/* and smtp/xqueue.h */
};

/* What one session or transaction may have (RFC 9422); 0: not said. */
struct smtp_ehlo_limits {
	unsigned mails;	     /* MAILMAX: MAILs in a session */
	unsigned recipients; /* RCPTMAX: RCPTs to a MAIL */
	unsigned domains;    /* RCPTDOMAINMAX: different domains among those */
};

struct smtp_ehlo {
	unsigned extensions; /* SMTP_EHLO_... */
	uint64_t size;	     /* bytes that a message may have; 0: not said */
	struct smtp_ehlo_limits limits;
	char auth[512]; /* the mechanisms, in capitals, a blank before, between and behind */
};

/*
 * Reads REPLY, a 250 to EHLO. A line that says nothing known is passed over; `AUTH=` is taken for
 * `AUTH ` as old servers say it.
 */
void smtp_ehlo_parse(struct smtp_ehlo *ehlo, const struct smtp_reply *reply);

#endif
