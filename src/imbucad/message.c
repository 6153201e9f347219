/*
 * message: see message.h.
 */
#include <config.h>

#include <unistd.h>

#include "base/file.h"
#include "imbucad/message.h"
#include "imbucad/request.h"

#include "base/banned.h"

/* A thousand recipients of the longest kind, with all that can be said of each. */
enum { RECIPIENTS_MAXIMUM = 2 << 20, CANDIDATE_MAXIMUM = 4096 };

void
imbucad_message_init(struct imbucad_message *m)
{
	*m = (struct imbucad_message){
	    .sender = BUF_INIT(SMTP_PATH_MAX + 1),
	    .recipients = BUF_INIT(RECIPIENTS_MAXIMUM),
	    .candidate = BUF_INIT(CANDIDATE_MAXIMUM),
	    .fd = -1,
	};
}

static int
no_memory(struct err *e)
{
	return err_set(e, EX_TEMPFAIL, "no memory for a message");
}

int
imbucad_message_begin(struct imbucad_message *m, const struct smtp_command *mail, struct err *e)
{
	const struct smtp_params *p = &mail->params;

	imbucad_message_drop(m);
	buf_adds(&m->sender, mail->path.text);
	m->announced = (p->given & SMTP_PARAMS_SIZE) != 0 ? p->size : 0;
	/* Behind the sender in the file come what MAIL said, and the recipients. */
	imbucad_wire_put_number(&m->recipients, p->given);
	imbucad_wire_put_number(&m->recipients, p->body);
	imbucad_wire_put_number(&m->recipients, p->ret);
	imbucad_wire_put_text(&m->recipients, (p->given & SMTP_PARAMS_ENVID) != 0 ? p->envid : "");
	return m->sender.full || m->recipients.full ? no_memory(e) : 0;
}

int
imbucad_message_ask(struct imbucad_message *m, const struct imbucad_origin *origin,
    const struct smtp_command *rcpt, struct buf *out, struct err *e)
{
	const struct smtp_params *p = &rcpt->params;

	imbucad_wire_put_number(out, IMBUCAD_REQUEST_RCPT);
	imbucad_origin_put(out, origin);
	imbucad_wire_put_slice(out, buf_slice(&m->sender));
	imbucad_wire_put_number(out, m->announced);
	imbucad_wire_put_number(out, m->fd == -1);
	imbucad_wire_put_text(out, rcpt->path.text);
	buf_reset(&m->candidate);
	imbucad_wire_put_text(&m->candidate, rcpt->path.text);
	imbucad_wire_put_number(&m->candidate, p->given);
	imbucad_wire_put_number(&m->candidate, p->notify);
	imbucad_wire_put_text(&m->candidate, (p->given & SMTP_PARAMS_ORCPT) != 0 ? p->orcpt : "");
	return out->full || m->candidate.full ? no_memory(e) : 0;
}

int
imbucad_message_add(struct imbucad_message *m, int fd, struct err *e)
{
	if (fd != -1 && m->fd == -1)
		m->fd = fd;
	else if (fd != -1)
		(void)close(fd);
	buf_add_slice(&m->recipients, buf_slice(&m->candidate));
	buf_free(&m->candidate);
	m->count++;
	if (m->fd == -1 || m->recipients.full)
		return no_memory(e);
	return 0;
}

void
imbucad_message_write(struct imbucad_message *m, struct slice bytes)
{
	if (m->fault.ex == 0 &&
	    file_write(m->fd, "the message", bytes.ptr, bytes.len, &m->fault) == 0)
		m->size += bytes.len;
}

int
imbucad_message_finish(struct imbucad_message *m, const struct imbucad_origin *origin, bool each,
    struct buf *out, struct err *e)
{
	uint64_t size = m->size;

	imbucad_message_write(m, buf_slice(&m->recipients));
	if (m->fault.ex != 0) {
		*e = m->fault;
		return -1;
	}
	imbucad_wire_put_number(out, IMBUCAD_REQUEST_MESSAGE);
	imbucad_origin_put(out, origin);
	imbucad_wire_put_slice(out, buf_slice(&m->sender));
	imbucad_wire_put_number(out, each);
	imbucad_wire_put_number(out, m->count);
	imbucad_wire_put_number(out, size);
	return out->full ? no_memory(e) : 0;
}

void
imbucad_message_drop(struct imbucad_message *m)
{
	if (m->fd != -1)
		(void)close(m->fd);
	buf_free(&m->sender);
	buf_free(&m->recipients);
	buf_free(&m->candidate);
	imbucad_message_init(m);
}
