/*
 * sending: bytes that follow a reply, out of a file, as fast as the client takes them.
 */
#ifndef IMBUCAD_SENDING_H
#define IMBUCAD_SENDING_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct imbucad_sending {
	int fd; /* -1 where nothing follows */
	off_t at;
	uint64_t left;
};

#define IMBUCAD_SENDING_NONE \
	{                    \
		-1, 0, 0     \
	}

/* N bytes of FD, which is its then, follow. */
void imbucad_sending_begin(struct imbucad_sending *s, int fd, uint64_t n);

/* Appends the next of them to OUT. False where they cannot be had: the client, who was told how
 * many there are, must not take anything else for them. */
bool imbucad_sending_fill(struct imbucad_sending *s, struct buf *out);

void imbucad_sending_end(struct imbucad_sending *s);

#endif
