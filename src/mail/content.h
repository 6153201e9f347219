/*
 * content: the bytes that a caller handed in, wherever they lie: in the caller's own file, in
 * memory, or in an unnamed file. They are at rest: any part can be read, any number of times.
 *
 * It is for mail/message, which turns the bytes into a message.
 */
#ifndef MAIL_CONTENT_H
#define MAIL_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct mail_content {
	uint64_t size;	       /* bytes */
	uint64_t cut;	       /* bytes behind them, a last line that is a lone dot */
	struct buf memory;     /* they are here where fd is -1 */
	int fd;		       /* else here, from offset on */
	bool owned;	       /* fd is ours to close, and nobody else can change the file */
	off_t offset;	       /* bytes into the file */
	struct timespec mtime; /* the file's when it was taken */
};

/*
 * Takes all that is left on FD. A regular file stays where it is (its offset is moved to its end,
 * as reading would), and FD must stay open; anything else is read to its end, into memory up to
 * MEMORY_MAX bytes, else into an unnamed file in DIRECTORY (as file_open_unnamed takes it).
 * With DOT_ENDS a last line that is a lone dot is left out, and ends what comes from a terminal.
 * EX_IOERR, or EX_TEMPFAIL for what may pass.
 */
int mail_content_take(struct mail_content *content, int fd, const char *directory,
    size_t memory_max, bool dot_ends, struct err *e);

/*
 * Up to MAX (at least 2) bytes from AT on, in ROOM or in place; fewer only at the end, or where the
 * block would part a CR from its LF. EX_IOERR where the file has become shorter.
 */
int mail_content_read(const struct mail_content *content, uint64_t at, char *room, size_t max,
    struct slice *block, struct err *e);

/* EX_IOERR where the caller's file is no longer what it was when it was taken. */
int mail_content_check(const struct mail_content *content, struct err *e);

void mail_content_free(struct mail_content *content);

#endif
