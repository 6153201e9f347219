/*
 * Fuzz target: any bytes as a message. The first says how it is read and sent; what is sent must
 * have the size that was told, CRLF line ends, and no line that is a dot.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "mail/message.h"

#include "base/banned.h"

enum { MOST = 16 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_lines(struct slice sent)
{
	while (sent.len > 0) {
		struct slice line = str_cut(&sent, '\n');

		if (line.len == 0 || str_find(line, '\r') != line.len - 1 || str_is(line, ".\r"))
			abort();
	}
}

static void
send(const struct mail_message *m, bool stuffed)
{
	struct err e = ERR_INIT;
	struct mail_message_stream *stream = mail_message_stream_open(m, stuffed, &e);
	struct buf sent = BUF_INIT(MOST);
	struct slice block;
	int result;

	while ((result = mail_message_stream_next(stream, &block, &e)) > 0)
		buf_add_slice(&sent, block);
	if (result != 0 || (!stuffed && sent.len != mail_message_facts(m).size))
		abort();
	if (stuffed)
		check_lines(buf_slice(&sent));
	mail_message_stream_close(stream);
	buf_free(&sent);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = ERR_INIT;
	struct mail_message_options o = {.block = size > 0 ? 2 + data[0] % 64U : 0};
	struct mail_envelope envelope = {.count = 0};
	struct mail_message *m;
	int fd = file_open_unnamed("/dev/shm", &e);

	if (fd < 0 || size == 0 || file_write(fd, "fuzz", data + 1, size - 1, &e) != 0 ||
	    lseek(fd, 0, SEEK_SET) != 0) {
		(void)close(fd);
		return 0;
	}
	m = mail_message_read(fd, &o, &e);
	if (m != NULL) {
		(void)mail_message_recipients(m, &envelope, &e);
		if (data[0] >= 0x80 && mail_message_fit(m, false, &e) < 0)
			abort();
		send(m, false);
		send(m, true);
	}
	mail_envelope_free(&envelope);
	mail_message_free(m);
	(void)close(fd);
	return 0;
}
