/*
 * sending: see sending.h.
 */
#include <config.h>

#include <unistd.h>

#include "imbucad/sending.h"

#include "base/banned.h"

enum { BLOCK = 16384 };

void
imbucad_sending_begin(struct imbucad_sending *s, int fd, uint64_t n)
{
	*s = (struct imbucad_sending){fd, 0, n};
	if (n == 0)
		imbucad_sending_end(s);
}

bool
imbucad_sending_fill(struct imbucad_sending *s, struct buf *out)
{
	size_t n = s->left < BLOCK ? (size_t)s->left : BLOCK;
	char *room = buf_room(out, n);
	ssize_t got = -1;

	/* No pread in reception's sandbox. */
	if (room != NULL && lseek(s->fd, s->at, SEEK_SET) == s->at)
		got = read(s->fd, room, n);
	if (got <= 0)
		return false;
	buf_grew(out, (size_t)got);
	s->at += got;
	s->left -= (uint64_t)got;
	if (s->left == 0)
		imbucad_sending_end(s);
	return true;
}

void
imbucad_sending_end(struct imbucad_sending *s)
{
	if (s->fd != -1)
		(void)close(s->fd);
	*s = (struct imbucad_sending)IMBUCAD_SENDING_NONE;
}
