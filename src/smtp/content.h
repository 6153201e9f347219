/*
 * content: the content of a message over a dialogue, after DATA (RFC 5321 4.1.1.4) or as one chunk
 * (RFC 3030). Its end goes out only when all of it was read and sent.
 */
#ifndef SMTP_CONTENT_H
#define SMTP_CONTENT_H

#include "mail/message.h"
#include "smtp/dialogue.h"

/* How the content goes. */
struct smtp_content_way {
	bool chunked; /* behind a BDAT that says its size; else with its dots stuffed, to a lone one
		       */
	bool ended;   /* with its end: the lone dot, or an empty last chunk */
};

/*
 * Writes MESSAGE, and with its end what was added to D's lines. Returns 0 when its reply is to be
 * read; -1 where the message could not be read, or is not what it was (EX_IOERR), where it could
 * not be sent, or where the server answers before its end (EX_PROTOCOL): the dialogue is over then,
 * and whatever the server has said meanwhile stands in its stream's input.
 */
int smtp_content_write(struct smtp_dialogue *d, const struct mail_message *message,
    struct smtp_content_way way, struct err *e);

#endif
