/*
 * message: see message.h.
 */
#include <config.h>

#include <time.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "deliver/maildir.h"
#include "imbucad/message.h"
#include "mail/date.h"

#include "base/banned.h"

/* A thousand recipients of the longest kind, twice. */
enum { TOP_MAXIMUM = 1 << 20, ID_SIZE = 6 };

void
imbucad_message_init(struct imbucad_message *m)
{
	*m = (struct imbucad_message){.fd = -1, .delivered_to = BUF_INIT(TOP_MAXIMUM)};
}

void
imbucad_message_begin(struct imbucad_message *m, const struct smtp_path *sender)
{
	imbucad_message_drop(m);
	m->sender = *sender;
}

int
imbucad_message_add(struct imbucad_message *m, const struct smtp_path *recipient, struct err *e)
{
	buf_addf(&m->delivered_to, "Delivered-To: %s\n", recipient->text);
	if (m->delivered_to.full)
		return err_set(e, EX_TEMPFAIL, "no memory for a recipient");
	m->recipient = *recipient;
	m->recipients++;
	return 0;
}

void
imbucad_message_write(struct imbucad_message *m, struct slice bytes)
{
	if (m->fault.ex != 0)
		return;
	if (m->fd == -1)
		m->fd = file_open_unnamed(NULL, &m->fault);
	if (m->fd != -1 && file_write(m->fd, "the message", bytes.ptr, bytes.len, &m->fault) == 0)
		m->size += bytes.len;
}

/* RFC 5321 4.4. The recipient is named only where there is one: others are nobody's business. */
static int
add_received(struct buf *top, const struct imbucad_message *m,
    const struct imbucad_message_origin *origin, struct err *e)
{
	unsigned char id[ID_SIZE];
	char date[MAIL_DATE_SIZE];

	if (crypto_random(id, sizeof id, e) == -1)
		return -1;
	mail_date_format(date, time(NULL));
	buf_addf(top, "Received: from %s ([%s%s])\n\tby %s with %s id ", origin->client,
	    str_find(str_slice(origin->address), ':') < str_slice(origin->address).len ? "IPv6:"
										       : "",
	    origin->address, origin->hostname, origin->protocol);
	for (size_t i = 0; i < sizeof id; i++)
		buf_addf(top, "%02x", id[i]);
	if (m->recipients == 1)
		buf_addf(top, "\n\tfor <%s>", m->recipient.text);
	buf_addf(top, ";\n\t%s\n", date);
	return 0;
}

int
imbucad_message_deliver(struct imbucad_message *m, const struct imbucad_message_origin *origin,
    const char *maildir, struct buf *name, struct err *e)
{
	struct buf top = BUF_INIT(2 * TOP_MAXIMUM);
	int status = -1;

	imbucad_message_write(m, str_slice("")); /* an empty message is one too */
	if (m->fault.ex != 0) {
		*e = m->fault;
		return -1;
	}
	buf_addf(&top, "Return-Path: <%s>\n", m->sender.text);
	buf_add_slice(&top, buf_slice(&m->delivered_to));
	if (add_received(&top, m, origin, e) == -1)
		;
	else if (top.full)
		(void)err_set(e, EX_TEMPFAIL, "no memory for the header");
	else
		status =
		    deliver_maildir(maildir, origin->hostname, buf_slice(&top), m->fd, name, e);
	buf_free(&top);
	return status;
}

void
imbucad_message_drop(struct imbucad_message *m)
{
	if (m->fd != -1)
		(void)close(m->fd);
	buf_free(&m->delivered_to);
	imbucad_message_init(m);
}
