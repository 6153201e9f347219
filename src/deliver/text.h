/*
 * text: the bytes of a message as they are stored on this machine: each CRLF an LF. A CR at the end
 * of a block waits for what the next one begins with.
 */
#ifndef DELIVER_TEXT_H
#define DELIVER_TEXT_H

#include <sys/types.h>

#include <stdbool.h>

enum { DELIVER_TEXT_BLOCK = 65536 };

struct deliver_text {
	int fd; /* the message, read from its beginning, wherever the descriptor stands */
	off_t at;
	bool cr, end;
	char block[DELIVER_TEXT_BLOCK + 1];
};

/* Begins with the file on FD, which stays the caller's. */
void deliver_text_begin(struct deliver_text *t, int fd);

/* Fills T's block with what comes next. How many bytes; 0 at the end; -1 and errno. */
ssize_t deliver_text_next(struct deliver_text *t);

#endif
