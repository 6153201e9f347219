/*
 * reply: a server's reply (RFC 5321 4.2, enhanced codes RFC 2034 and 3463), read line by line.
 *
 * Everything about a reply is bounded, and whatever a reply should not be is refused: a line
 * without a code, a continuation with another code, endless lines, endless replies. Codes that
 * disagree with each other are taken as they are: real servers send them.
 */
#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include "base/buf.h"
#include "base/err.h"
#include "explain/explain.h"

enum {
	SMTP_REPLY_LINE_MAX = 2048,	  /* bytes of a line; RFC 5321 says 512, servers say more */
	SMTP_REPLY_AUTH_LINE_MAX = 12288, /* of a 334 line: RFC 4954, 4 */
	SMTP_REPLY_LINES_MAX = 100,
	SMTP_REPLY_TEXT_MAX = 64 << 10,
};

struct smtp_reply {
	int code;	   /* 200..599; 0 while no line was read */
	char enhanced[12]; /* of the first line that has one, "" without */
	struct buf text;   /* the lines without their codes, a \n between them; raw bytes */
	int lines;
	bool done; /* the last line was read */
	bool ours; /* no server gave it: what the text says was found here, the codes class it */
};

#define SMTP_REPLY_INIT                                               \
	{                                                             \
		0, "", BUF_INIT(SMTP_REPLY_TEXT_MAX), 0, false, false \
	}

/*
 * Reads the complete lines at the start of *INPUT into REPLY and drops them from *INPUT. Returns 1
 * when the reply is complete, 0 when it needs more input, -1 with EX_PROTOCOL for what is no reply.
 */
int smtp_reply_parse(struct smtp_reply *reply, struct slice *input, struct err *e);

/* Is its code 2xx, 3xx, 4xx, 5xx? HUNDREDS is 2..5. */
bool smtp_reply_is(const struct smtp_reply *reply, int hundreds);

/* Appends the reply as one line for a person: code, enhanced code (neither where it is ours), text,
 * lines joined by a blank, control bytes escaped. */
void smtp_reply_print(const struct smtp_reply *reply, struct buf *out);

/* What it means, as the reply of PROVIDER's server (NULL: of one unknown) at STAGE. */
struct explain_verdict smtp_reply_explain(
    const struct smtp_reply *reply, enum explain_stage stage, const char *provider);

/* Sets E to "WHAT: the reply", with its codes and EX; or to the text of one that is ours. Returns
 * -1. */
int smtp_reply_fail(const struct smtp_reply *reply, int ex, const char *what, struct err *e);

/* Moves FROM into TO, whose text is freed; FROM is empty afterwards. */
void smtp_reply_move(struct smtp_reply *to, struct smtp_reply *from);

/* Frees the text and forgets the reply, ready for the next. */
void smtp_reply_reset(struct smtp_reply *reply);

#endif
