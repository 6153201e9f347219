/*
 * buf: see buf.h.
 */
#include <config.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#include "base/banned.h"

enum { FIRST_CAPACITY = 256 };

/*
 * Moves to memory of CAP bytes. By hand and not with realloc, which may leave a copy of a secret
 * behind.
 */
static bool
move_to(struct buf *b, size_t cap)
{
	char *data = malloc(cap);

	if (data == NULL)
		return false;
	if (b->len > 0)
		memcpy(data, b->data, b->len);
	if (b->data != NULL)
		explicit_bzero(b->data, b->len);
	free(b->data);
	b->data = data;
	b->cap = cap;
	return true;
}

char *
buf_room(struct buf *b, size_t n)
{
	size_t cap = b->cap > 0 ? b->cap : FIRST_CAPACITY;

	if (b->full || n > b->max - b->len) {
		b->full = true;
		return NULL;
	}
	while (cap - b->len <= n)
		cap *= 2;
	if (cap != b->cap && !move_to(b, cap)) {
		b->full = true;
		return NULL;
	}
	return b->data + b->len;
}

void
buf_grew(struct buf *b, size_t n)
{
	b->len += n;
	b->data[b->len] = '\0';
}

void
buf_add(struct buf *b, const void *ptr, size_t n)
{
	char *room = buf_room(b, n);

	if (room == NULL)
		return;
	if (n > 0)
		memcpy(room, ptr, n);
	buf_grew(b, n);
}

void
buf_add_slice(struct buf *b, struct slice s)
{
	buf_add(b, s.ptr, s.len);
}

void
buf_adds(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void
buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_addf(struct buf *b, const char *format, ...)
{
	va_list args;
	char *room;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0) {
		b->full = true;
		return;
	}
	room = buf_room(b, (size_t)n);
	if (room == NULL)
		return;
	va_start(args, format);
	(void)vsnprintf(room, (size_t)n + 1, format, args);
	va_end(args);
	b->len += (size_t)n;
}

void
buf_add_escaped(struct buf *b, struct slice s)
{
	while (s.len > 0) {
		size_t n = s.len < 256 ? s.len : 256;
		char *room;

		/* Not between the bytes of a character, where that can be told. */
		while (n < s.len && n > 252 && ((unsigned char)s.ptr[n] & 0xc0) == 0x80)
			n--;
		room = buf_room(b, 4 * n + 1);
		if (room == NULL)
			return;
		buf_grew(b, str_escape(room, 4 * n + 1, (struct slice){s.ptr, n}));
		s.ptr += n;
		s.len -= n;
	}
}

void
buf_consume(struct buf *b, size_t n)
{
	if (n == 0)
		return;
	b->len -= n;
	memmove(b->data, b->data + n, b->len + 1);
}

void
buf_truncate(struct buf *b, size_t len)
{
	b->len = len;
	if (b->data != NULL)
		b->data[len] = '\0';
}

void
buf_reset(struct buf *b)
{
	buf_truncate(b, 0);
	b->full = false;
}

struct slice
buf_slice(const struct buf *b)
{
	return (struct slice){b->data, b->len};
}

const char *
buf_text(const struct buf *b)
{
	return b->data != NULL ? b->data : "";
}

void
buf_free(struct buf *b)
{
	free(b->data);
	*b = (struct buf)BUF_INIT(b->max);
}

void
buf_wipe(struct buf *b)
{
	if (b->data != NULL)
		explicit_bzero(b->data, b->cap);
	buf_free(b);
}
