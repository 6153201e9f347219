/*
 * parcel: see parcel.h.
 */
#include <config.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "queue/parcel.h"

#include "base/banned.h"

enum { BLOCK = 64 << 10, LINE_MAXIMUM = 128 };

/* Copies N bytes from AT of FROM to the end of TO. */
static int
copy(int from, off_t at, uint64_t n, int to, struct err *e)
{
	char block[BLOCK];

	while (n > 0) {
		ssize_t got = pread(from, block, n < sizeof block ? (size_t)n : sizeof block, at);

		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0)
			return err_set(e, EX_IOERR, "cannot read a queued message");
		if (file_write(to, "a file for queued messages", block, (size_t)got, e) != 0)
			return -1;
		at += got;
		n -= (uint64_t)got;
	}
	return 0;
}

int
queue_parcel_put(const struct queue_entry *entry, bool whole, int fd, struct err *e)
{
	off_t end = lseek(entry->fd, 0, SEEK_END);
	uint64_t bytes = (uint64_t)end - (whole ? 0 : entry->size);
	const struct buf *journal = &entry->history.journal;
	struct buf line = BUF_INIT(LINE_MAXIMUM);
	int rc;

	buf_addf(&line, "%s %s %llu %zu\n", entry->id, queue_spool_name(entry->folder),
	    (unsigned long long)bytes, journal->len);
	rc = file_write(fd, "a file for queued messages", line.data, line.len, e);
	buf_free(&line);
	if (rc == 0)
		rc = copy(entry->fd, 0, bytes, fd, e);
	if (rc == 0)
		rc = file_write(fd, "a file for queued messages", journal->data, journal->len, e);
	return rc;
}

/* --- taking --- */

struct line {
	char id[QUEUE_ID_SIZE];
	enum queue_spool_folder folder;
	uint64_t bytes, journal;
	size_t len; /* of the line itself */
};

static bool
find_folder(struct slice name, enum queue_spool_folder *out)
{
	for (int f = 0; f < QUEUE_SPOOL_FOLDERS; f++) {
		*out = (enum queue_spool_folder)f;
		if (str_is(name, queue_spool_name(*out)))
			return true;
	}
	return false;
}

/* Reads the line at OFFSET. As queue_parcel_take. */
static int
read_line(int fd, off_t offset, struct line *out, struct err *e)
{
	char text[LINE_MAXIMUM];
	ssize_t got = pread(fd, text, sizeof text, offset);
	struct slice rest = {text, got > 0 ? (size_t)got : 0}, line, id;

	if (got == 0)
		return 0;
	line = str_cut(&rest, '\n');
	out->len = line.len + 1;
	id = str_cut(&line, ' ');
	if (rest.ptr != NULL && queue_id_is(id) && find_folder(str_cut(&line, ' '), &out->folder) &&
	    str_number(str_cut(&line, ' '), QUEUE_ENVELOPE_FIRST, INT64_MAX / 4, &out->bytes) &&
	    str_number(line, 0, QUEUE_JOURNAL_MAXIMUM, &out->journal) &&
	    str_copy(out->id, sizeof out->id, id))
		return 1;
	return err_set(e, EX_DATAERR, "this is no queued message");
}

/* The journal at OFFSET, N bytes. */
static int
read_journal(int fd, off_t offset, size_t n, struct buf *out, struct err *e)
{
	char *room = n > 0 ? buf_room(out, n) : NULL;

	if (n == 0)
		return 0;
	if (room == NULL || pread(fd, room, n, offset) != (ssize_t)n)
		return err_set(e, EX_DATAERR, "the queued message is not whole");
	buf_grew(out, n);
	return 0;
}

int
queue_parcel_take(int fd, off_t *offset, struct queue_entry *out, struct err *e)
{
	struct buf journal = BUF_INIT(QUEUE_JOURNAL_MAXIMUM);
	struct line line;
	int rc = read_line(fd, *offset, &line, e), own;

	if (rc != 1)
		return rc;
	*offset += (off_t)line.len;
	own = file_open_unnamed(NULL, e);
	rc = own != -1 ? copy(fd, *offset, line.bytes, own, e) : -1;
	*offset += (off_t)line.bytes;
	if (rc == 0)
		rc = read_journal(fd, *offset, (size_t)line.journal, &journal, e);
	*offset += (off_t)line.journal;
	if (rc == 0)
		return queue_entry_adopt(out, line.folder, line.id, own, &journal, e) == 0 ? 1 : -1;
	if (own != -1)
		(void)close(own);
	buf_free(&journal);
	return -1;
}
