/*
 * text: see text.h.
 */
#include <config.h>

#include <unistd.h>

#include "deliver/text.h"

#include "base/banned.h"

/* Takes each CR that stands before an LF out of the N bytes at PTR; CR says that the last one is a
 * CR that may. */
static size_t
unix_lines(char *ptr, size_t n, bool *cr)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		*cr = ptr[i] == '\r' && (i + 1 < n ? ptr[i + 1] == '\n' : true);
		if (!*cr)
			ptr[len++] = ptr[i];
	}
	return len;
}

void
deliver_text_begin(struct deliver_text *t, int fd)
{
	t->fd = fd;
	t->at = 0;
	t->cr = t->end = false;
}

ssize_t
deliver_text_next(struct deliver_text *t)
{
	while (!t->end) {
		size_t kept = t->cr ? 1 : 0, n;
		ssize_t got;

		t->block[0] = '\r';
		got = pread(t->fd, t->block + kept, DELIVER_TEXT_BLOCK, t->at);
		if (got == -1)
			return -1;
		t->at += got;
		t->end = got == 0;
		/* At the end a lone CR is what it was. */
		n = t->end ? kept : unix_lines(t->block, kept + (size_t)got, &t->cr);
		if (n > 0)
			return (ssize_t)n;
	}
	return 0;
}
