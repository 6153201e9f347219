/*
 * buf: the one buffer of this program: bytes that grow up to a maximum given at birth.
 *
 * Failure is remembered: once an append did not fit, or memory ran out, the buffer is `full`, it
 * takes nothing more, and what it holds is cut. So a row of appends is checked once, at its end.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct buf {
	char *data; /* len bytes and a NUL behind them; NULL while nothing was ever added */
	size_t len;
	size_t cap; /* bytes allocated */
	size_t max; /* len never exceeds it */
	bool full;  /* an append failed */
};

/* An empty buffer for at most MAXIMUM bytes. It allocates at the first append. */
#define BUF_INIT(maximum)                    \
	{                                    \
		NULL, 0, 0, (maximum), false \
	}

/* Append: N bytes at PTR, a slice, a string, one byte, a formatted text. */
void buf_add(struct buf *b, const void *ptr, size_t n);
void buf_add_slice(struct buf *b, struct slice s);
void buf_adds(struct buf *b, const char *text);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends S as str_escape shows it. */
void buf_add_escaped(struct buf *b, struct slice s);

/*
 * Room for N more bytes, to be written at the returned place and then taken in with buf_grew; NULL,
 * and the buffer is full, where they do not fit.
 */
char *buf_room(struct buf *b, size_t n);

/* Takes in N bytes that were written at the place which buf_room gave. */
void buf_grew(struct buf *b, size_t n);

/* Drops the first N bytes (at most len). */
void buf_consume(struct buf *b, size_t n);

/* Keeps the first LEN bytes (at most len). That it was full is not forgotten. */
void buf_truncate(struct buf *b, size_t len);

/* Empties the buffer, keeps its memory, forgets that it was full. */
void buf_reset(struct buf *b);

/* All that the buffer holds. Valid until the next append. */
struct slice buf_slice(const struct buf *b);

/* What the buffer holds as a string: "" where it was never added to. */
const char *buf_text(const struct buf *b);

/* Frees the memory. buf_wipe overwrites it first: for secrets. The buffer is empty afterwards. */
void buf_free(struct buf *b);
void buf_wipe(struct buf *b);

#endif
