/*
 * incoming: see incoming.h.
 */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/secret.h"
#include "imbucad/incoming.h"
#include "mail/date.h"
#include "mail/header.h"
#include "smtp/params.h"

#include "base/banned.h"

enum {
	TAIL_MAXIMUM = 2 << 20,
	HEADER_MAXIMUM = 128 << 10, /* of the message's beginning, to look for loops in */
	ID_BYTES = (IMBUCAD_INCOMING_ID_SIZE - 1) / 2,
	SLOT = 512, /* bytes of an address as written, and more */
};

static int
bad(struct err *e)
{
	return err_set(e, EX_TEMPFAIL, "reception asked for something that makes no sense");
}

/* Reads N bytes at OFFSET of FD. */
static int
read_at(int fd, uint64_t offset, size_t n, struct buf *out, struct err *e)
{
	char *room = buf_room(out, n);
	size_t got = 0;

	if (room == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for a message");
	while (got < n) {
		ssize_t more = pread(fd, room + got, n - got, (off_t)(offset + got));

		if (more == -1 && errno == EINTR)
			continue;
		if (more == -1)
			return err_set_errno(e, EX_TEMPFAIL, errno, "cannot read the message");
		if (more == 0)
			break;
		got += (size_t)more;
	}
	buf_grew(out, got);
	return 0;
}

/* --- the envelope --- */

/* The number of ADDRESS, which is there. */
static size_t
find(const struct mail_envelope *envelope, const struct mail_address *address)
{
	size_t i = 0;

	while (i + 1 < envelope->count &&
	       !mail_address_equal(&envelope->recipients[i].address, address))
		i++;
	return i;
}

static int
add_recipient(struct imbucad_incoming *m, struct imbucad_wire *in, struct err *e)
{
	const char *text = imbucad_wire_text(in);
	struct mail_envelope_recipient r = {.notify = 0};
	uint64_t given = imbucad_wire_number(in);
	int status;

	r.notify = (unsigned)imbucad_wire_number(in);
	r.orcpt = strdup(imbucad_wire_text(in));
	if ((given & SMTP_PARAMS_NOTIFY) == 0)
		r.notify = 0;
	if (r.orcpt != NULL && r.orcpt[0] == '\0') {
		free(r.orcpt);
		r.orcpt = NULL;
	}
	status = mail_address_parse(&r.address, str_slice(text), e);
	if (status == 0)
		status = mail_envelope_add_recipient(&m->envelope, &r, e);
	m->order[m->count++] = find(&m->envelope, &r.address);
	if (status == 1 && (m->written[m->envelope.count - 1] = strdup(text)) == NULL)
		status = err_set(e, EX_TEMPFAIL, "no memory for a recipient");
	mail_address_free(&r.address);
	free(r.orcpt);
	return status < 0 ? -1 : 0;
}

static int
read_envelope(struct imbucad_incoming *m, struct slice tail, size_t count, struct err *e)
{
	struct imbucad_wire in = {tail, false};
	struct mail_address sender;
	uint64_t given = imbucad_wire_number(&in), body = imbucad_wire_number(&in);
	uint64_t ret = imbucad_wire_number(&in);
	int status;

	(void)str_copy(m->envelope.envid, sizeof m->envelope.envid, imbucad_wire_slice(&in));
	if ((given & SMTP_PARAMS_BODY) != 0)
		m->envelope.body = body == SMTP_PARAMS_7BIT ? MAIL_ENVELOPE_BODY_7BIT
							    : MAIL_ENVELOPE_BODY_8BITMIME;
	if ((given & SMTP_PARAMS_RET) != 0)
		m->envelope.ret = (enum mail_dsn_ret)ret;
	if (m->sender[0] == '\0')
		status = mail_address_parse(&sender, str_slice("<>"), e);
	else
		status = mail_address_parse(&sender, str_slice(m->sender), e);
	if (status == 0) {
		status = mail_envelope_set_sender(&m->envelope, &sender, e);
		mail_address_free(&sender);
	}
	m->waits = (given & SMTP_PARAMS_XWAIT) != 0 && m->origin.kind == IMBUCAD_ORIGIN_UNIX;
	m->written = calloc(count + 1, sizeof *m->written);
	m->order = calloc(count + 1, sizeof *m->order);
	if (m->written == NULL || m->order == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for the recipients");
	for (size_t i = 0; status == 0 && i < count; i++)
		status = add_recipient(m, &in, e);
	return status == 0 && in.bad ? bad(e) : status;
}

/* --- the header --- */

/* Cuts the next line of the header off *REST; without a value at its end. */
static struct slice
next_line(struct slice *rest)
{
	struct slice line = str_cut(rest, '\n');

	return str_trim(line).len > 0 ? line : (struct slice){NULL, 0};
}

static void
count_hops(struct imbucad_incoming *m)
{
	struct slice rest = buf_slice(&m->header);

	for (struct slice line = next_line(&rest); line.ptr != NULL; line = next_line(&rest))
		m->hops += str_begins_nocase(line, "Received:") ? 1 : 0;
}

/* The value of the next field Delivered-To, cut off *REST with what stands above it; without a
 * value where there is none. */
static struct slice
next_delivered_to(struct slice *rest)
{
	static const char name[] = "Delivered-To:";

	for (struct slice line = next_line(rest); line.ptr != NULL; line = next_line(rest)) {
		if (str_begins_nocase(line, name))
			return str_trim(
			    (struct slice){line.ptr + strlen(name), line.len - strlen(name)});
	}
	return (struct slice){NULL, 0};
}

bool
imbucad_incoming_was_at(const struct imbucad_incoming *m, const char *address)
{
	struct slice rest = buf_slice(&m->header), value;

	while ((value = next_delivered_to(&rest)).ptr != NULL) {
		if (str_is_nocase(value, address))
			return true;
	}
	return false;
}

struct slice
imbucad_incoming_delivered_to(const struct imbucad_incoming *m)
{
	struct slice rest = buf_slice(&m->header);

	return next_delivered_to(&rest);
}

/* --- all of it --- */

static int
make_id(char *out, struct err *e)
{
	unsigned char bytes[ID_BYTES];

	if (secret_random(bytes, sizeof bytes, e) == -1)
		return -1;
	str_hex(out, bytes, sizeof bytes);
	return 0;
}

int
imbucad_incoming_read(struct imbucad_wire *in, int fd, struct imbucad_incoming *out, struct err *e)
{
	struct buf tail = BUF_INIT(TAIL_MAXIMUM);
	uint64_t count;
	int status;

	*out = (struct imbucad_incoming){.fd = fd, .header = BUF_INIT(HEADER_MAXIMUM)};
	imbucad_origin_take(in, &out->origin);
	out->sender = imbucad_wire_text(in);
	out->each = imbucad_wire_number(in) != 0;
	count = imbucad_wire_number(in);
	out->size = imbucad_wire_number(in);
	if (in->bad || fd == -1 || count == 0 || count > MAIL_ADDRESS_LIST_MAX ||
	    out->size > INT64_MAX / 2)
		return bad(e);
	status = read_at(fd, out->size, TAIL_MAXIMUM, &tail, e);
	if (status == 0)
		status = read_envelope(out, buf_slice(&tail), (size_t)count, e);
	buf_free(&tail);
	if (status == 0 && ftruncate(fd, (off_t)out->size) == -1)
		status = err_set_errno(e, EX_TEMPFAIL, errno, "cannot cut the message off");
	if (status == 0)
		status = read_at(fd, 0, HEADER_MAXIMUM, &out->header, e);
	if (status == 0)
		status = make_id(out->id, e);
	if (status == 0)
		count_hops(out);
	return status;
}

void
imbucad_incoming_received(const struct imbucad_incoming *m, const char *hostname, struct buf *out)
{
	const struct imbucad_origin *o = &m->origin;
	char date[MAIL_DATE_SIZE];

	mail_date_format(date, time(NULL));
	buf_addf(out, "Received: from %s (", o->client);
	if (imbucad_origin_is_inside(o->kind))
		buf_addf(out, "uid %llu", (unsigned long long)o->uid);
	else
		buf_addf(out, "[%s%s]", strchr(o->address, ':') != NULL ? "IPv6:" : "", o->address);
	buf_addf(out, ")\n\tby %s with %s id %s", hostname, o->protocol, m->id);
	if (m->envelope.count == 1)
		buf_addf(out, "\n\tfor <%s>", m->written[0]);
	buf_addf(out, ";\n\t%s\n", date);
}

bool
imbucad_incoming_is_bare(const struct imbucad_incoming *m)
{
	struct slice rest = buf_slice(&m->header), line = next_line(&rest);

	return line.ptr != NULL && mail_header_name(line) == 0;
}

void
imbucad_incoming_free(struct imbucad_incoming *m)
{
	for (size_t i = 0; m->written != NULL && m->written[i] != NULL; i++)
		free(m->written[i]);
	free(m->written);
	free(m->order);
	mail_envelope_free(&m->envelope);
	buf_free(&m->header);
}
