/*
 * header: the fields of a message's header (RFC 5322 2.2, 3.6; obsolete forms 4.5), read and
 * written.
 *
 * Reading works on a block of complete fields, their lines ended by LF or CRLF; names are compared
 * without regard to case, and blanks before the colon are allowed. Writing folds at 78 columns
 * where there is a blank, and encodes what is not ASCII as RFC 2047 says. What may not stand in a
 * header (a control byte) can't be written into it.
 */
#ifndef MAIL_HEADER_H
#define MAIL_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "mail/address.h"

enum {
	MAIL_HEADER_LINE_MAX = 998, /* bytes of a line without its end: RFC 5322 2.1.1 */
};

struct mail_header_field {
	struct slice raw;   /* all of it, its last line end included */
	struct slice name;  /* without blanks and colon */
	struct slice value; /* after the colon, trimmed, inner folds as they stand */
};

/*
 * The length of the name where LINE begins a field (RFC 5322 2.2, 4.5.8: blanks may stand before
 * the colon), else 0.
 */
size_t mail_header_name(struct slice line);

/* Takes the next field off *REST, a header block. False at its end. */
bool mail_header_next(struct slice *rest, struct mail_header_field *out);

/* The first field NAME in HEADER. False where there is none. */
bool mail_header_find(struct slice header, const char *name, struct mail_header_field *out);

/* Appends VALUE as one line: a fold's line end goes, its blanks stay (RFC 5322 2.2.3). */
void mail_header_unfold(struct buf *out, struct slice value);

/*
 * Appends the field "NAME: VALUE" with CRLF, folded before a blank wherever a line would pass 78
 * columns. A control byte but TAB in VALUE is EX_DATAERR, and nothing is appended.
 */
int mail_header_write(struct buf *out, const char *name, struct slice value, struct err *e);

/*
 * Appends the fields RAW with each line over 998 bytes folded before a blank; a line without a
 * blank stays. Returns the length of the longest line.
 */
size_t mail_header_refold(struct buf *out, struct slice raw);

/*
 * Append TEXT as RFC 2047 wants it, for a value that mail_header_write folds: as unstructured text
 * (Subject), or as a phrase (a display name), which is quoted where ASCII needs it. Encoded are
 * bytes over 0x7f and control bytes, as UTF-8 or, where TEXT is none, as unknown-8bit.
 */
void mail_header_encode_text(struct buf *out, struct slice text);
void mail_header_encode_phrase(struct buf *out, struct slice text);

/* Appends the mailbox "DISPLAY <local@domain>", DISPLAY a phrase as above; "" leaves it out. */
void mail_header_write_mailbox(
    struct buf *out, struct slice display, const struct mail_address *address);

#endif
