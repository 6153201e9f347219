/*
 * content: see content.h.
 */
#include <config.h>

#include <errno.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "mail/content.h"

#include "base/banned.h"

enum { READ_SIZE = 32 << 10 };

static int
read_error(int saved, struct err *e)
{
	return err_set_errno(
	    e, err_exit_of_errno(saved, EX_IOERR), saved, "cannot read the message");
}

/* read(2) that goes on after a signal, and waits where a caller left FD non-blocking. */
static ssize_t
read_some(int fd, char *room, size_t n)
{
	ssize_t got;

	while ((got = read(fd, room, n)) < 0) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};

		if (errno == EAGAIN || errno == EWOULDBLOCK)
			(void)poll(&wait, 1, -1);
		else if (errno != EINTR)
			break;
	}
	return got;
}

/* Moves what memory holds to the end of the unnamed file, which is made when it is first needed. */
static int
spill(struct mail_content *content, const char *directory, struct err *e)
{
	struct slice bytes = buf_slice(&content->memory);

	if (content->fd < 0)
		content->fd = file_open_unnamed(directory, e);
	if (content->fd < 0 ||
	    file_write(content->fd, "the message's temporary file", bytes.ptr, bytes.len, e) != 0)
		return -1;
	buf_reset(&content->memory);
	return 0;
}

/* Does a terminal, which gives a line at a time, say that this is all? */
static bool
is_dot_line(int fd, const char *line, ssize_t len)
{
	return len == 2 && line[0] == '.' && line[1] == '\n' && isatty(fd);
}

/* Reads FD to its end, into memory, which spills when it passes MEMORY_MAX. */
static int
copy(struct mail_content *content, int fd, const char *directory, size_t memory_max, bool dot_ends,
    struct err *e)
{
	content->memory = (struct buf)BUF_INIT(memory_max + READ_SIZE);
	content->owned = true;
	for (;;) {
		char *room = buf_room(&content->memory, READ_SIZE);
		ssize_t got = room != NULL ? read_some(fd, room, READ_SIZE) : 0;

		if (room == NULL)
			return err_set(e, EX_TEMPFAIL, "no memory for the message");
		if (got < 0)
			return read_error(errno, e);
		if (got == 0)
			break;
		buf_grew(&content->memory, (size_t)got);
		content->size += (uint64_t)got;
		if (content->memory.len > memory_max && spill(content, directory, e) != 0)
			return -1;
		if (dot_ends && is_dot_line(fd, room, got))
			break;
	}
	return content->fd >= 0 ? spill(content, directory, e) : 0;
}

/* Leaves the file on FD where it is. */
static int
borrow(struct mail_content *content, int fd, const struct stat *st, struct err *e)
{
	off_t offset = lseek(fd, 0, SEEK_CUR);

	if (offset < 0 || lseek(fd, 0, SEEK_END) < 0)
		return read_error(errno, e);
	content->fd = fd;
	content->offset = offset;
	content->mtime = st->st_mtim;
	content->size = offset < st->st_size ? (uint64_t)(st->st_size - offset) : 0;
	return 0;
}

/* Leaves out a last line that is a lone dot. */
static int
cut_dot(struct mail_content *content, struct err *e)
{
	char room[sizeof "\n.\r\n" - 1];
	uint64_t at = content->size > sizeof room ? content->size - sizeof room : 0;
	struct slice end;
	size_t n;

	if (content->size == 0)
		return 0;
	if (mail_content_read(content, at, room, sizeof room, &end, e) != 0)
		return -1;
	n = end.len;
	if (n > 0 && end.ptr[n - 1] == '\n')
		n--;
	if (n > 0 && end.ptr[n - 1] == '\r')
		n--;
	if (n == 0 || end.ptr[n - 1] != '.')
		return 0;
	n--;
	if (n > 0 ? end.ptr[n - 1] != '\n' && end.ptr[n - 1] != '\r' : at > 0)
		return 0;
	content->cut = end.len - n;
	content->size -= content->cut;
	return 0;
}

/*
 * Has the file the bytes that its size promises? One of /proc claims to be empty, one of /sys to
 * have a page; what they hold shows only in reading.
 */
static bool
is_as_long_as_said(int fd, const struct stat *st)
{
	char last;

	return st->st_size > 0 && pread(fd, &last, 1, st->st_size - 1) == 1;
}

int
mail_content_take(struct mail_content *content, int fd, const char *directory, size_t memory_max,
    bool dot_ends, struct err *e)
{
	struct stat st;
	int result;

	*content = (struct mail_content){.fd = -1, .memory = BUF_INIT(0)};
	if (fstat(fd, &st) != 0)
		return read_error(errno, e);
	if (S_ISREG(st.st_mode) && is_as_long_as_said(fd, &st))
		result = borrow(content, fd, &st, e);
	else
		result = copy(content, fd, directory, memory_max, dot_ends, e);
	if (result == 0 && dot_ends)
		result = cut_dot(content, e);
	if (result != 0)
		mail_content_free(content);
	return result;
}

/* N bytes from AT on of the file into ROOM. */
static int
read_file(const struct mail_content *content, uint64_t at, char *room, size_t n, struct err *e)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got =
		    pread(content->fd, room + done, n - done, content->offset + (off_t)(at + done));

		if (got < 0 && errno != EINTR)
			return read_error(errno, e);
		if (got == 0)
			return err_set(
			    e, EX_IOERR, "the message's file became shorter while it was read");
		if (got > 0)
			done += (size_t)got;
	}
	return 0;
}

int
mail_content_read(const struct mail_content *content, uint64_t at, char *room, size_t max,
    struct slice *block, struct err *e)
{
	uint64_t left = content->size - at;

	*block = (struct slice){room, left < max ? (size_t)left : max};
	if (content->fd < 0)
		block->ptr = buf_text(&content->memory) + at;
	else if (read_file(content, at, room, block->len, e) != 0)
		return -1;
	if (block->len > 0 && block->len < left && block->ptr[block->len - 1] == '\r')
		block->len--;
	return 0;
}

int
mail_content_check(const struct mail_content *content, struct err *e)
{
	struct stat st;

	if (content->owned)
		return 0;
	if (fstat(content->fd, &st) != 0)
		return read_error(errno, e);
	if (st.st_mtim.tv_sec != content->mtime.tv_sec ||
	    st.st_mtim.tv_nsec != content->mtime.tv_nsec ||
	    (uint64_t)st.st_size != (uint64_t)content->offset + content->size + content->cut)
		return err_set(e, EX_IOERR, "the message's file was changed while it was read");
	return 0;
}

void
mail_content_free(struct mail_content *content)
{
	if (content->owned && content->fd >= 0)
		(void)close(content->fd);
	buf_free(&content->memory);
	*content = (struct mail_content){.fd = -1, .memory = BUF_INIT(0)};
}
