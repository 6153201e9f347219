/*
 * message_inside: what a message is made of, for the files message*.c alone.
 */
#ifndef MAIL_MESSAGE_INSIDE_H
#define MAIL_MESSAGE_INSIDE_H

#include "base/buf.h"
#include "mail/content.h"
#include "mail/message.h"

struct mail_message {
	struct mail_content content;
	uint64_t body_at;   /* where the body begins in the content */
	size_t block;	    /* bytes of it that are read at once */
	struct buf header;  /* the fields that are sent, lines ended by CRLF */
	struct buf hidden;  /* the fields that are not: they never come near the wire */
	uint64_t stray_bcc; /* the line of a Bcc behind the header's end, 0 without one */
	uint64_t bare_crs;  /* that came in, in header and body */

	/* The body as it will be sent. */
	uint64_t body_size;
	size_t longest_body_line;
	bool body_8bit;
	bool encoded; /* as quoted-printable */
};

/* Takes HEADER, which it owns then, in the place of the message's. EX_DATAERR where it is full. */
int mail_message_replace_header(struct mail_message *m, struct buf *header, struct err *e);

/* Has anybody signed or summed the message as it is? */
bool mail_message_fit_is_sealed(const struct mail_message *m);

#endif
