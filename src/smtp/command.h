/*
 * command: the command lines of SMTP, RFC 5321 4.1.1, with BDAT (RFC 3030), STARTTLS (RFC 3207),
 * AUTH (RFC 4954), LHLO (RFC 2033), imbucad's XQUEUE: parsed for a server, and those that carry a
 * caller's values written for a client. Knows nothing of states and replies to a command that is
 * well-formed.
 */
#ifndef SMTP_COMMAND_H
#define SMTP_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "smtp/params.h"
#include "smtp/path.h"

enum smtp_command_verb {
	SMTP_COMMAND_HELO,
	SMTP_COMMAND_EHLO,
	SMTP_COMMAND_LHLO,
	SMTP_COMMAND_MAIL,
	SMTP_COMMAND_RCPT,
	SMTP_COMMAND_DATA,
	SMTP_COMMAND_BDAT,
	SMTP_COMMAND_RSET,
	SMTP_COMMAND_NOOP,
	SMTP_COMMAND_VRFY,
	SMTP_COMMAND_EXPN,
	SMTP_COMMAND_HELP,
	SMTP_COMMAND_QUIT,
	SMTP_COMMAND_STARTTLS,
	SMTP_COMMAND_AUTH,
	SMTP_COMMAND_XQUEUE,
	SMTP_COMMAND_UNKNOWN, /* any other word */
};

struct smtp_command {
	enum smtp_command_verb verb;
	struct slice argument;	   /* what follows the verb, trimmed; points into the line */
	struct smtp_path path;	   /* MAIL, RCPT */
	struct smtp_params params; /* MAIL, RCPT */
	uint64_t chunk;		   /* BDAT: bytes that follow */
	bool last;		   /* BDAT: the last chunk */
	struct slice mechanism;	   /* AUTH: its name */
	struct slice
	    initial; /* AUTH: initial response in base64 ("=" is an empty one), or no value */
};

/*
 * Parses LINE, one command without its line end. LENIENT also takes what a local program may send
 * (`MAIL FROM: <a@b>`, `RCPT TO:a@b`). OFFERED is the set of parameters (SMTP_PARAMS_..) that the
 * server has offered. OUT->verb is set in any case. On failure E is the reply to give
 * (smtp/refusal.h): 501 with 5.5.4, 5.5.2, 5.1.3 (recipient) or 5.1.7 (sender), or 555.
 */
int smtp_command_parse(
    struct slice line, bool lenient, unsigned offered, struct smtp_command *out, struct err *e);

/*
 * Append one line with its CRLF to B: MAIL with the reverse path SENDER ("" for the null path),
 * RCPT with the forward path RECIPIENT, both an addr-spec without brackets as it goes over the
 * wire, and what of PARAMS (NULL for none) belongs to that command. Anything that isn't a path (a
 * control byte above all) is EX_DATAERR and B stays as it was.
 */
int smtp_command_mail(
    struct buf *b, struct slice sender, const struct smtp_params *params, struct err *e);
int smtp_command_rcpt(
    struct buf *b, struct slice recipient, const struct smtp_params *params, struct err *e);

#endif
