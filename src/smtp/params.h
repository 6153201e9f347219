/*
 * params: the parameters of MAIL and RCPT, read and written by one table.
 *
 *   SIZE      RFC 1870   MAIL   bytes that the message will have
 *   BODY      RFC 6152   MAIL   7BIT, 8BITMIME; BINARYMIME (RFC 3030)
 *   SMTPUTF8  RFC 6531   MAIL   addresses and header in UTF-8
 *   RET       RFC 3461   MAIL   FULL or HDRS: what a report brings back of the message
 *   ENVID     RFC 3461   MAIL   the sender's name for this envelope
 *   AUTH      RFC 4954   MAIL   who submitted the message
 *   NOTIFY    RFC 3461   RCPT   when a report is wanted
 *   ORCPT     RFC 3461   RCPT   the recipient as the first sender wrote it
 *   XWAIT     imbucad's  MAIL   the client waits for what the provider says, and gets an answer to
 *                              the content for each recipient, as by LMTP
 *
 * A plain value, nothing in it is owned. It says what was given, not what the other side offers:
 * a client clears what isn't offered in `given` before it writes, a server looks at `given` after
 * it has read.
 */
#ifndef SMTP_PARAMS_H
#define SMTP_PARAMS_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "mail/dsn.h"

/* The parameters, as bits of `given`. */
enum {
	SMTP_PARAMS_SIZE = 1 << 0,
	SMTP_PARAMS_BODY = 1 << 1,
	SMTP_PARAMS_SMTPUTF8 = 1 << 2,
	SMTP_PARAMS_RET = 1 << 3,
	SMTP_PARAMS_ENVID = 1 << 4,
	SMTP_PARAMS_AUTH = 1 << 5,
	SMTP_PARAMS_NOTIFY = 1 << 6,
	SMTP_PARAMS_ORCPT = 1 << 7,
	SMTP_PARAMS_XWAIT = 1 << 8,
};

/* Those that MAIL may bear, and RCPT. */
enum {
	SMTP_PARAMS_OF_MAIL = SMTP_PARAMS_SIZE | SMTP_PARAMS_BODY | SMTP_PARAMS_SMTPUTF8 |
			      SMTP_PARAMS_RET | SMTP_PARAMS_ENVID | SMTP_PARAMS_AUTH |
			      SMTP_PARAMS_XWAIT,
	SMTP_PARAMS_OF_RCPT = SMTP_PARAMS_NOTIFY | SMTP_PARAMS_ORCPT,
};

/* Those that a server takes which offers DSN. */
enum {
	SMTP_PARAMS_OF_DSN = SMTP_PARAMS_RET | SMTP_PARAMS_ENVID | SMTP_PARAMS_OF_RCPT,
};

enum smtp_params_body {
	SMTP_PARAMS_7BIT,
	SMTP_PARAMS_8BITMIME,
	SMTP_PARAMS_BINARYMIME,
};

struct smtp_params {
	unsigned given; /* which of the following are set */
	uint64_t size;	/* bytes */
	enum smtp_params_body body;
	enum mail_dsn_ret ret;
	unsigned notify;		 /* MAIL_DSN_... */
	char envid[MAIL_DSN_ENVID_SIZE]; /* decoded, printable ASCII */
	char auth[257];			 /* decoded: a mailbox, or "<>" for "nobody that I know" */
	char orcpt[MAIL_DSN_ORCPT_SIZE]; /* decoded, as in mail/dsn.h */
};

/*
 * Reads TEXT, the parameters of one command with single blanks between them ("" for none), as far
 * as ALLOWED (bits, for instance SMTP_PARAMS_OF_MAIL) names them, into OUT. On failure E is the
 * reply to give (smtp/refusal.h): 555 5.5.4 for a parameter that isn't allowed here, 501 5.5.4 for
 * a value that is no value of it and for one that comes twice.
 */
int smtp_params_parse(struct slice text, unsigned allowed, struct smtp_params *out, struct err *e);

/*
 * Appends to B, each with a blank before it, those of P that are both given and in ALLOWED.
 * Encodes xtext where it is wanted; so no value can leave its place in the line.
 */
void smtp_params_write(struct buf *b, const struct smtp_params *p, unsigned allowed);

#endif
