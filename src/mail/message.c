/*
 * message: see message.h. Here it is read and its header changed; the other promises are kept in
 * message_recipients.c, message_fit.c and message_stream.c.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "mail/header.h"
#include "mail/line.h"
#include "mail/message.h"
#include "mail/message_inside.h"
#include "mail/scan.h"

#include "base/banned.h"

/* Fields that are never sent. */
static const char *const hidden[] = {
    "Bcc",	      /* its readers are secret (RFC 5322 3.6.3) */
    "Resent-Bcc",     /* the same, of a message that is sent again */
    "Return-Path",    /* is the last server's to write (RFC 5321 4.4) */
    "Content-Length", /* belongs to some mailbox; the line ends change here, so it would lie */
};

/* The buffer that the field NAME belongs into. */
static struct buf *
buffer_of(struct mail_message *m, struct slice name)
{
	for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
		if (str_is_nocase(name, hidden[i]))
			return &m->hidden;
	}
	return &m->header;
}

/* Is it the line by which an mbox separates messages, perhaps with the ">" that hides one? */
static bool
is_mbox_line(struct slice line)
{
	static const char from[] = "From ";

	while (line.len > 0 && line.ptr[0] == '>') {
		line.ptr++;
		line.len--;
	}
	return line.len >= sizeof from - 1 && memcmp(line.ptr, from, sizeof from - 1) == 0;
}

/*
 * The number of the line, after NUMBER others, that names secret readers in what follows a header
 * that ended without an empty line, up to the next empty line or as far as it is in hand; else 0.
 */
static uint64_t
find_stray_bcc(struct mail_line_cutter cutter, uint64_t number)
{
	struct mail_line line;

	while (mail_line_next(&cutter, &line) && line.text.len > 0) {
		struct slice text = str_trim(line.text);
		struct slice name = {text.ptr, mail_header_name(text)};

		number++;
		if (str_is_nocase(name, "Bcc") || str_is_nocase(name, "Resent-Bcc"))
			return number;
	}
	return 0;
}

/* RAW without the byte order mark that editors put before a UTF-8 text. */
static struct slice
without_mark(struct slice raw)
{
	static const struct slice mark = STR_LITERAL("\xef\xbb\xbf");

	if (raw.len < mark.len || !str_equal((struct slice){raw.ptr, mark.len}, mark))
		return raw;
	return (struct slice){raw.ptr + mark.len, raw.len - mark.len};
}

/*
 * Takes the header off RAW, the beginning of the content, or all of it if WHOLE; sets body_at.
 * False where RAW must be longer to tell.
 */
static bool
take_fields(struct mail_message *m, struct slice raw, bool whole)
{
	struct mail_line_cutter cutter;
	struct mail_line line;
	struct buf *field = NULL;
	uint64_t number = 0;
	bool top = true;

	mail_line_start(&cutter, without_mark(raw));
	for (struct mail_line_cutter here = cutter;
	     mail_line_next(&cutter, &line) && (line.ended || whole); here = cutter, number++) {
		size_t name = mail_header_name(line.text);

		m->body_at = (uint64_t)(cutter.at - raw.ptr);
		if (top && is_mbox_line(line.text))
			continue;
		top = false;
		if (line.text.len == 0)
			return true;
		if (name > 0)
			field = buffer_of(m, (struct slice){line.text.ptr, name});
		else if (field == NULL || (line.text.ptr[0] != ' ' && line.text.ptr[0] != '\t')) {
			m->body_at = (uint64_t)(line.text.ptr - raw.ptr);
			m->stray_bcc = find_stray_bcc(here, number);
			return true;
		}
		buf_add_slice(field, line.text);
		buf_adds(field, "\r\n");
	}
	return whole;
}

/* Folds the lines that are too long. */
static int
fold_fields(struct mail_message *m, struct err *e)
{
	struct buf folded = BUF_INIT(m->header.max);

	(void)mail_header_refold(&folded, buf_slice(&m->header));
	if (folded.full) {
		buf_free(&folded);
		return err_set(e, EX_TEMPFAIL, "no memory for the message's header");
	}
	buf_free(&m->header);
	m->header = folded;
	return 0;
}

/* Looks for the whole header in the first SIZE bytes. Returns 1 where they are too few. */
static int
try_header(struct mail_message *m, size_t size, struct mail_scan *scan, struct err *e)
{
	char *room = malloc(size);
	struct slice raw;
	int result = -1;

	buf_reset(&m->header);
	buf_reset(&m->hidden);
	if (room == NULL)
		(void)err_set(e, EX_TEMPFAIL, "no memory for the message's header");
	else if (mail_content_read(&m->content, 0, room, size, &raw, e) == 0)
		result = take_fields(m, raw, raw.len == m->content.size) ? 0 : 1;
	if (result == 0)
		mail_scan_add(scan, (struct slice){raw.ptr, (size_t)m->body_at});
	if (result == 0 && (m->header.full || m->hidden.full))
		result = err_set(e, EX_TEMPFAIL, "no memory for the message's header");
	free(room);
	return result;
}

static int
read_header(struct mail_message *m, struct mail_scan *scan, struct err *e)
{
	size_t size = m->block;
	int result = try_header(m, size, scan, e);

	while (result > 0 && size <= MAIL_MESSAGE_HEADER_MAX) {
		size *= 2;
		result = try_header(m, size, scan, e);
	}
	if (result == 0 && m->stray_bcc > 0)
		return err_set(e, EX_DATAERR,
		    "the header ends before the Bcc in line %llu, which everybody would get to see",
		    (unsigned long long)m->stray_bcc);
	if (result > 0 || (result == 0 && m->body_at > MAIL_MESSAGE_HEADER_MAX))
		return err_set(e, EX_DATAERR, "the message's header is longer than 1 MiB");
	if (result == 0 && scan->longest > MAIL_HEADER_LINE_MAX)
		return fold_fields(m, e);
	return result;
}

static int
read_body(struct mail_message *m, struct mail_scan *scan, struct err *e)
{
	char *room = malloc(m->block);
	uint64_t at = m->body_at;
	struct slice block;
	int result = 0;

	if (room == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for the message");
	for (; at < m->content.size && result == 0; at += block.len) {
		result = mail_content_read(&m->content, at, room, m->block, &block, e);
		if (result == 0)
			mail_scan_add(scan, block);
	}
	free(room);
	return result;
}

/* Refuses what cannot be sent as mail. */
static int
check_bytes(const struct mail_scan *header, const struct mail_scan *body, struct err *e)
{
	const struct mail_scan *with_nul = header->nul_line > 0 ? header : body;
	uint64_t lines_before = with_nul == header ? 0 : header->line_ends;

	if (with_nul->nul_line > 0)
		return err_set(e, EX_DATAERR,
		    "the message has a NUL byte at line %llu, byte %llu, which mail cannot carry",
		    (unsigned long long)(lines_before + with_nul->nul_line),
		    (unsigned long long)with_nul->nul_column);
	return 0;
}

/* Fills in M, whose content is there. */
static int
examine(struct mail_message *m, struct err *e)
{
	struct mail_scan header = {0}, body = {0};

	if (read_header(m, &header, e) != 0 || read_body(m, &body, e) != 0 ||
	    mail_content_check(&m->content, e) != 0)
		return -1;
	m->bare_crs = header.bare_crs + body.bare_crs;
	m->body_size = mail_scan_size(&body);
	m->longest_body_line = body.longest;
	m->body_8bit = body.has_8bit;
	return check_bytes(&header, &body, e);
}

struct mail_message *
mail_message_read(int fd, const struct mail_message_options *options, struct err *e)
{
	static const struct mail_message_options usual = {.directory = NULL};
	const struct mail_message_options *o = options != NULL ? options : &usual;
	size_t memory_max = o->memory_max > 0 ? o->memory_max : MAIL_MESSAGE_MEMORY_MAX;
	struct mail_message *m = calloc(1, sizeof *m);

	if (m == NULL) {
		(void)err_set(e, EX_TEMPFAIL, "no memory for the message");
		return NULL;
	}
	m->block = o->block > 0 ? o->block : MAIL_MESSAGE_BLOCK;
	m->header = (struct buf)BUF_INIT(4 * MAIL_MESSAGE_HEADER_MAX);
	m->hidden = (struct buf)BUF_INIT(4 * MAIL_MESSAGE_HEADER_MAX);
	if (mail_content_take(&m->content, fd, o->directory, memory_max, o->dot_ends, e) != 0 ||
	    examine(m, e) != 0) {
		mail_message_free(m);
		return NULL;
	}
	return m;
}

void
mail_message_free(struct mail_message *m)
{
	if (m == NULL)
		return;
	mail_content_free(&m->content);
	buf_free(&m->header);
	buf_free(&m->hidden);
	free(m);
}

struct mail_message_facts
mail_message_facts(const struct mail_message *m)
{
	struct mail_scan header = {0};

	mail_scan_add(&header, buf_slice(&m->header));
	return (struct mail_message_facts){
	    .size = m->header.len + strlen("\r\n") + m->body_size,
	    .bare_crs = m->bare_crs,
	    .longest_body_line = m->longest_body_line,
	    .longest_header_line = header.longest,
	    .header_8bit = header.has_8bit,
	    .body_8bit = m->body_8bit,
	    .encoded = m->encoded,
	};
}

struct slice
mail_message_header(const struct mail_message *m)
{
	return buf_slice(&m->header);
}

struct slice
mail_message_field(const struct mail_message *m, const char *name)
{
	struct mail_header_field field;

	if (!mail_header_find(buf_slice(&m->header), name, &field))
		return (struct slice){NULL, 0};
	return field.value;
}

int
mail_message_replace_header(struct mail_message *m, struct buf *header, struct err *e)
{
	if (header->full) {
		buf_free(header);
		return err_set(e, EX_DATAERR, "the message's header is too long");
	}
	buf_free(&m->header);
	m->header = *header;
	return 0;
}

int
mail_message_prepend(struct mail_message *m, const char *name, struct slice value, struct err *e)
{
	struct buf header = BUF_INIT(m->header.max);

	if (mail_header_write(&header, name, value, e) != 0) {
		buf_free(&header);
		return -1;
	}
	buf_add_slice(&header, buf_slice(&m->header));
	return mail_message_replace_header(m, &header, e);
}

int
mail_message_append(struct mail_message *m, const char *name, struct slice value, struct err *e)
{
	size_t before = m->header.len;

	if (mail_header_write(&m->header, name, value, e) != 0)
		return -1;
	if (!m->header.full)
		return 0;
	m->header.full = false;
	m->header.len = before;
	return err_set(e, EX_DATAERR, "the message's header is too long");
}

/* Writes the header into OUT with FIELD, which may be empty, for the first field NAME, and without
 * the others of that name. Returns whether there was one. */
static bool
write_with(const struct mail_message *m, const char *name, struct slice field, struct buf *out)
{
	struct slice rest = buf_slice(&m->header);
	struct mail_header_field old;
	bool found = false;

	while (mail_header_next(&rest, &old)) {
		if (!str_is_nocase(old.name, name))
			buf_add_slice(out, old.raw);
		else if (!found)
			buf_add_slice(out, field);
		found = found || str_is_nocase(old.name, name);
	}
	return found;
}

int
mail_message_set(struct mail_message *m, const char *name, struct slice value, struct err *e)
{
	struct buf header = BUF_INIT(m->header.max);
	struct buf field = BUF_INIT(m->header.max);
	int result = mail_header_write(&field, name, value, e);

	if (result == 0 && !write_with(m, name, buf_slice(&field), &header))
		buf_add_slice(&header, buf_slice(&field));
	buf_free(&field);
	if (result == 0)
		return mail_message_replace_header(m, &header, e);
	buf_free(&header);
	return -1;
}

int
mail_message_remove(struct mail_message *m, const char *name, struct err *e)
{
	struct buf header = BUF_INIT(m->header.max);

	(void)write_with(m, name, (struct slice){NULL, 0}, &header);
	return mail_message_replace_header(m, &header, e);
}

int
mail_message_show_bcc(struct mail_message *m, struct err *e)
{
	static const char *const shown[] = {"Bcc", "Resent-Bcc"};
	struct slice rest = buf_slice(&m->hidden);
	struct mail_header_field field;

	while (mail_header_next(&rest, &field)) {
		for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
			if (str_is_nocase(field.name, shown[i]))
				buf_add_slice(&m->header, field.raw);
		}
	}
	buf_reset(&m->hidden);
	return m->header.full ? err_set(e, EX_DATAERR, "the message's header is too long") : 0;
}
