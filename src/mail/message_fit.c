/*
 * message_fit: the part of message.h that makes a body fit a server, as quoted-printable.
 */
#include <config.h>

#include <stdlib.h>

#include "mail/header.h"
#include "mail/message.h"
#include "mail/message_inside.h"
#include "mail/quoted_printable.h"

#include "base/banned.h"

/* Whoever signed or summed the body did so as it is. */
static const char *const seals[] = {
    "DKIM-Signature",
    "DomainKey-Signature",
    "ARC-Message-Signature",
    "Content-MD5",
};

/* Encodings that say the body is what it looks like (RFC 2045 6.2). */
static const char *const identities[] = {"", "7bit", "8bit", "binary"};

static size_t
count_fields(const struct mail_message *m, const char *name)
{
	struct slice rest = buf_slice(&m->header);
	struct mail_header_field field;
	size_t count = 0;

	while (mail_header_next(&rest, &field))
		count += str_is_nocase(field.name, name);
	return count;
}

bool
mail_message_fit_is_sealed(const struct mail_message *m)
{
	for (size_t i = 0; i < sizeof seals / sizeof seals[0]; i++) {
		if (count_fields(m, seals[i]) > 0)
			return true;
	}
	return false;
}

/* Is the body one text part that may be encoded anew? */
static bool
is_encodable(const struct mail_message *m)
{
	struct slice type = mail_message_field(m, "Content-Type");
	struct slice encoding = mail_message_field(m, "Content-Transfer-Encoding");
	bool identity = false;

	if (mail_message_fit_is_sealed(m))
		return false;
	for (size_t i = 0; i < sizeof identities / sizeof identities[0]; i++)
		identity = identity || str_is_nocase(encoding, identities[i]);
	return identity && (type.len == 0 || str_begins_nocase(type, "text/")) &&
	       count_fields(m, "Content-Type") <= 1 &&
	       count_fields(m, "Content-Transfer-Encoding") <= 1;
}

/* BLOCK without a character at its end that the block has not all of. */
static struct slice
whole_characters(struct slice block)
{
	size_t len = block.len;
	size_t tail = 0;

	while (len > 0 && tail < 4 && ((unsigned char)block.ptr[len - 1] & 0xc0) == 0x80) {
		len--;
		tail++;
	}
	if (len > 0 && (unsigned char)block.ptr[len - 1] >= 0xc0)
		return (struct slice){block.ptr, len - 1};
	return block;
}

/* Is the whole body UTF-8? -1 where it cannot be read. */
static int
is_utf8(const struct mail_message *m, struct err *e)
{
	char *room = malloc(MAIL_MESSAGE_BLOCK);
	uint64_t at = m->body_at;
	struct slice block;
	int result = 1;

	if (room == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for the message");
	for (; at < m->content.size && result == 1; at += block.len) {
		if (mail_content_read(&m->content, at, room, MAIL_MESSAGE_BLOCK, &block, e) != 0) {
			result = -1;
			break;
		}
		if (at + block.len < m->content.size)
			block = whole_characters(block);
		result = str_is_utf8(block);
	}
	free(room);
	return result;
}

static bool
has_charset(struct slice type)
{
	for (; type.len > 0; type.ptr++, type.len--) {
		if (str_begins_nocase(type, "charset"))
			return true;
	}
	return false;
}

/* Says what the text is: the given type, with a charset where 8-bit text lacks one. */
static int
set_type(struct mail_message *m, struct err *e)
{
	struct slice given = mail_message_field(m, "Content-Type");
	struct buf type = BUF_INIT(MAIL_MESSAGE_HEADER_MAX);
	int utf8 = m->body_8bit ? is_utf8(m, e) : 1;
	int result = utf8;

	if (given.len > 0)
		mail_header_unfold(&type, given);
	else
		buf_adds(&type, "text/plain");
	if (m->body_8bit && !has_charset(given))
		buf_adds(&type, utf8 == 1 ? "; charset=utf-8" : "; charset=unknown-8bit");
	else if (given.len == 0)
		buf_adds(&type, "; charset=us-ascii");
	if (utf8 >= 0)
		result = mail_message_set(m, "Content-Type", buf_slice(&type), e);
	buf_free(&type);
	return result;
}

/* Finds out the size of the encoded body by encoding it. */
static int
measure(struct mail_message *m, struct err *e)
{
	struct mail_message_stream *stream = mail_message_stream_open(m, false, e);
	struct slice block;
	uint64_t size = 0;
	int result;

	if (stream == NULL)
		return -1;
	while ((result = mail_message_stream_next(stream, &block, e)) > 0)
		size += block.len;
	mail_message_stream_close(stream);
	m->body_size = size - m->header.len - 2;
	m->longest_body_line = 0;
	m->body_8bit = false;
	return result;
}

int
mail_message_fit(struct mail_message *m, bool takes_8bit, struct err *e)
{
	bool fits = m->longest_body_line <= MAIL_MESSAGE_LINE_MAX && (takes_8bit || !m->body_8bit);

	if (fits || !is_encodable(m))
		return fits;
	if (set_type(m, e) != 0 || mail_message_set(m, "MIME-Version", str_slice("1.0"), e) != 0 ||
	    mail_message_set(m, "Content-Transfer-Encoding", str_slice("quoted-printable"), e) != 0)
		return -1;
	m->encoded = true;
	return measure(m, e) == 0 ? 1 : -1;
}
