/*
 * Units of mail/message: what becomes of each shape of input, and the same at every block's edge.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "mail/message.h"

#include "base/banned.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

enum { MOST = 8 << 20 };

/* An unnamed file that holds INPUT, at its beginning. */
static int
file_of(struct slice input)
{
	struct err e = ERR_INIT;
	int fd = file_open_unnamed(NULL, &e);

	assert_true(fd >= 0);
	assert_int_equal(file_write(fd, "test", input.ptr, input.len, &e), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* A pipe that INPUT, which must be short, can be read from. */
static int
pipe_of(struct slice input)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], input.ptr, input.len), (ssize_t)input.len);
	(void)close(ends[1]);
	return ends[0];
}

/* Appends what M sends. */
static void
drain(const struct mail_message *m, bool stuffed, struct buf *out)
{
	struct err e = ERR_INIT;
	struct mail_message_stream *stream = mail_message_stream_open(m, stuffed, &e);
	struct slice block;
	int result;

	assert_non_null(stream);
	while ((result = mail_message_stream_next(stream, &block, &e)) == 1)
		buf_add_slice(out, block);
	if (result != 0)
		fail_msg("%s", e.msg);
	assert_false(out->full);
	mail_message_stream_close(stream);
}

static struct mail_message *
read_file(struct slice input, const struct mail_message_options *o, int *fd)
{
	struct err e = ERR_INIT;
	struct mail_message *m;

	*fd = file_of(input);
	m = mail_message_read(*fd, o, &e);
	if (m == NULL)
		fail_msg("%s", e.msg);
	return m;
}

static const struct {
	const char *input, *sent;
} shapes[] = {
    {"", "\r\n"},
    {"\n", "\r\n"},
    {"Subject: x\n\nbody\n", "Subject: x\r\n\r\nbody\r\n"},
    {"Subject: x\r\n\r\nbody\r\n", "Subject: x\r\n\r\nbody\r\n"},
    {"Subject: x\r\rbody\r", "Subject: x\r\n\r\nbody\r\n"},
    {"Subject: x\n\nno end", "Subject: x\r\n\r\nno end\r\n"},
    {"Subject: x", "Subject: x\r\n\r\n"},
    {"Subject: x\n", "Subject: x\r\n\r\n"},
    {"Subject: x\nbody text\n", "Subject: x\r\n\r\nbody text\r\n"},
    {"hello\nworld\n", "\r\nhello\r\nworld\r\n"},
    {" indented\n", "\r\n indented\r\n"},
    {"\nTo: in the body\n", "\r\nTo: in the body\r\n"},
    {"From me Thu Jan  1 00:00:00 1970\nTo: a\n\nb\n", "To: a\r\n\r\nb\r\n"},
    {">From x\n>>From y\nTo: a\n\nFrom b\n", "To: a\r\n\r\nFrom b\r\n"},
    {"To: a\nFrom b\n\nc", "To: a\r\n\r\nFrom b\r\n\r\nc\r\n"},
    {"From: a\nTo: b\n\n", "From: a\r\nTo: b\r\n\r\n"},
    {"To: a,\n b\n\tc\n\nx", "To: a,\r\n b\r\n\tc\r\n\r\nx\r\n"},
    {"Bcc: s1,\n s2\nTo: a\nBCC : s3\nbcc:s4\n\nx", "To: a\r\n\r\nx\r\n"},
    {"Resent-Bcc: s\nReturn-Path: <r>\nContent-Length: 3\nTo: a\n\nx", "To: a\r\n\r\nx\r\n"},
    {"A: 1\n\na\r\r\nb", "A: 1\r\n\r\na\r\n\r\nb\r\n"},
    {"A: 1\n\na\n\rb\r", "A: 1\r\n\r\na\r\n\r\nb\r\n"},
    {"A: 1\n\n.\n..\n.a\nb.\n", "A: 1\r\n\r\n..\r\n...\r\n..a\r\nb.\r\n"},
    {".a: 1\n\n.", "..a: 1\r\n\r\n..\r\n"},
    {"A: 1\n\n\r.\r", "A: 1\r\n\r\n\r\n..\r\n"},
    {"A: 1\r\n \r\nB: 2\n\n", "A: 1\r\n \r\nB: 2\r\n\r\n"},
};

static void
sends_each_shape(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(shapes); i++) {
		struct slice input = str_slice(shapes[i].input);
		const int fds[] = {file_of(input), pipe_of(input), pipe_of(input)};
		const struct mail_message_options small = {.memory_max = 3, .block = 2};

		for (size_t j = 0; j < COUNT(fds); j++) {
			struct buf out = BUF_INIT(MOST);
			struct err e = ERR_INIT;
			struct mail_message *m =
			    mail_message_read(fds[j], j == 1 ? NULL : &small, &e);

			assert_non_null(m);
			drain(m, true, &out);
			assert_string_equal(buf_text(&out), shapes[i].sent);
			buf_reset(&out);
			drain(m, false, &out);
			assert_int_equal(out.len, mail_message_facts(m).size);
			mail_message_free(m);
			buf_free(&out);
			(void)close(fds[j]);
		}
	}
}

/* The naive way: the whole input at once, byte by byte. Returns false for a NUL. */
static bool
convert(struct slice in, bool stuffed, struct buf *out)
{
	bool start = true;

	for (size_t i = 0; i < in.len; i++) {
		char c = in.ptr[i];

		if (c == '\0')
			return false;
		if (c == '\r' || c == '\n') {
			if (c == '\r' && i + 1 < in.len && in.ptr[i + 1] == '\n')
				i++;
			buf_adds(out, "\r\n");
			start = true;
			continue;
		}
		if (stuffed && start && c == '.')
			buf_addc(out, '.');
		buf_addc(out, c);
		start = false;
	}
	if (!start)
		buf_adds(out, "\r\n");
	return true;
}

static uint32_t
next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* A body made of what is dangerous at edges. */
static struct slice
random_body(uint32_t *seed, char *room, size_t max)
{
	static const char bytes[] = "\r\r\r\n\n\n..ab \xc3";
	size_t len = next_random(seed) % max;
	bool nul = next_random(seed) % 8 == 0;

	for (size_t i = 0; i < len; i++)
		room[i] = bytes[next_random(seed) % (sizeof bytes - (nul ? 0 : 1))];
	return (struct slice){room, len};
}

/* Is what M sends of BODY, behind a header that is gone, what the naive way makes of it? */
static void
check_exact(struct slice body, const struct mail_message_options *o, bool stuffed, bool piped)
{
	static const char head[] = "Subject: x\r\n\r\n";
	struct buf input = BUF_INIT(MOST), expected = BUF_INIT(MOST), out = BUF_INIT(MOST);
	struct err e = ERR_INIT;
	struct mail_message *m;
	int fd;

	buf_adds(&input, head);
	buf_add_slice(&input, body);
	buf_adds(&expected, head);
	fd = piped ? pipe_of(buf_slice(&input)) : file_of(buf_slice(&input));
	m = mail_message_read(fd, o, &e);
	if (!convert(body, stuffed, &expected)) {
		assert_null(m);
		assert_int_equal(e.ex, EX_DATAERR);
	} else {
		assert_non_null(m);
		drain(m, stuffed, &out);
		assert_true(str_equal(buf_slice(&out), buf_slice(&expected)));
		if (!stuffed)
			assert_int_equal(out.len, mail_message_facts(m).size);
	}
	mail_message_free(m);
	(void)close(fd);
	buf_free(&input);
	buf_free(&expected);
	buf_free(&out);
}

static void
is_exact_at_every_edge(void **state)
{
	uint32_t seed = 20261125;
	char room[100];

	(void)state;
	for (int i = 0; i < 4000; i++) {
		struct mail_message_options o = {.block = 2 + next_random(&seed) % 20};
		bool stuffed = next_random(&seed) % 2 == 0;

		check_exact(random_body(&seed, room, sizeof room), &o, stuffed, i % 2 != 0);
	}
}

/* Text as it should be, LEN bytes of it, with COUNT bytes in it that change something. */
static struct slice
spoilt_text(uint32_t *seed, char *room, size_t len, size_t count)
{
	static const char bytes[] = "\r\n.\xc3";

	for (size_t i = 0; i < len; i++)
		room[i] = (char)('a' + i % 26);
	for (size_t i = 1; i < len; i += 2 + next_random(seed) % 90) {
		room[i - 1] = '\r';
		room[i] = '\n';
	}
	for (size_t i = 0; i < count; i++)
		room[next_random(seed) % len] = bytes[next_random(seed) % (sizeof bytes - 1)];
	return (struct slice){room, len};
}

/* Long text is copied in pieces where nothing has to be changed in them. */
static void
is_exact_in_long_text(void **state)
{
	static char room[40000];
	uint32_t seed = 20261126;

	(void)state;
	for (int i = 0; i < 300; i++) {
		struct mail_message_options o = {.block = 1000 + next_random(&seed) % 20000};
		size_t len = 1 + next_random(&seed) % sizeof room;
		size_t count = i % 3 == 0 ? 0 : next_random(&seed) % 20;

		check_exact(spoilt_text(&seed, room, len, count), &o, i % 2 == 0, false);
	}
}

static void
says_where_a_nul_is(void **state)
{
	static const struct {
		struct slice input;
		const char *place;
	} cases[] = {
	    {STR_LITERAL("A: 1\n\nab\0c"), "line 3, byte 3"},
	    {STR_LITERAL("A: \0\n\nab\0c"), "line 1, byte 4"},
	    {STR_LITERAL("A: 1\r\n\r\n\r\n\0"), "line 4, byte 1"},
	    {STR_LITERAL("\0"), "line 1, byte 1"},
	    {STR_LITERAL("A: 1\n\nx\r\0"), "line 4, byte 1"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t block = 2; block < 16; block++) {
			struct mail_message_options o = {.block = block};
			struct err e = ERR_INIT;
			int fd = file_of(cases[i].input);

			assert_null(mail_message_read(fd, &o, &e));
			assert_int_equal(e.ex, EX_DATAERR);
			if (strstr(e.msg, cases[i].place) == NULL)
				fail_msg("%s", e.msg);
			(void)close(fd);
		}
	}
}

static void
counts_bare_crs(void **state)
{
	int fd;
	struct mail_message *m = read_file(str_slice("A: 1\rB: 2\n\na\r\r\nb"), NULL, &fd);

	(void)state;
	assert_int_equal(mail_message_facts(m).bare_crs, 2);
	mail_message_free(m);
	(void)close(fd);
}

static void
refuses_an_endless_header(void **state)
{
	struct buf input = BUF_INIT(MOST);
	struct err e = ERR_INIT;
	int fd;

	(void)state;
	while (input.len <= MAIL_MESSAGE_HEADER_MAX)
		buf_adds(&input, "X-Field: nothing to say, again and again and again and again\n");
	fd = file_of(buf_slice(&input));
	assert_null(mail_message_read(fd, NULL, &e));
	assert_int_equal(e.ex, EX_DATAERR);
	(void)close(fd);
	buf_free(&input);
}

static void
starts_where_the_file_stands(void **state)
{
	int fd = file_of(str_slice("skip me\nA: 1\n\nx\n"));
	struct buf out = BUF_INIT(MOST);
	struct err e = ERR_INIT;
	struct mail_message *m;

	(void)state;
	assert_int_equal(lseek(fd, 8, SEEK_SET), 8);
	m = mail_message_read(fd, NULL, &e);
	assert_non_null(m);
	drain(m, true, &out);
	assert_string_equal(buf_text(&out), "A: 1\r\n\r\nx\r\n");
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 16);
	mail_message_free(m);
	buf_free(&out);
	(void)close(fd);
}

static void
notices_a_changed_file(void **state)
{
	(void)state;
	for (int shrink = 0; shrink < 2; shrink++) {
		struct err e = ERR_INIT;
		int fd;
		struct mail_message *m = read_file(str_slice("A: 1\n\nbody\n"), NULL, &fd);
		struct mail_message_stream *stream = mail_message_stream_open(m, true, &e);
		struct slice block;
		int result;

		assert_int_equal(ftruncate(fd, shrink ? 8 : 100), 0);
		while ((result = mail_message_stream_next(stream, &block, &e)) == 1)
			continue;
		assert_int_equal(result, -1);
		assert_int_equal(e.ex, EX_IOERR);
		mail_message_stream_close(stream);
		mail_message_free(m);
		(void)close(fd);
	}
}

static void
fails_on_what_cannot_be_read(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_null(mail_message_read(-1, NULL, &e));
	assert_int_equal(e.ex, EX_IOERR);
}

static void
changes_the_header(void **state)
{
	struct buf out = BUF_INIT(MOST);
	struct err e = ERR_INIT;
	int fd;
	struct mail_message *m = read_file(str_slice("A: 1\nb : 2\nB: 3\n\nx"), NULL, &fd);

	(void)state;
	assert_true(str_is(mail_message_field(m, "B"), "2"));
	assert_null(mail_message_field(m, "C").ptr);
	assert_int_equal(mail_message_set(m, "B", str_slice("4"), &e), 0);
	assert_int_equal(mail_message_set(m, "C", str_slice("5"), &e), 0);
	assert_int_equal(mail_message_prepend(m, "Received", str_slice("by me"), &e), 0);
	assert_int_equal(mail_message_append(m, "Date", str_slice("now"), &e), 0);
	assert_int_equal(mail_message_remove(m, "a", &e), 0);
	assert_int_equal(mail_message_append(m, "X", str_slice("a\nBcc: y"), &e), -1);
	drain(m, true, &out);
	assert_string_equal(
	    buf_text(&out), "Received: by me\r\nB: 4\r\nC: 5\r\nDate: now\r\n\r\nx\r\n");
	mail_message_free(m);
	buf_free(&out);
	(void)close(fd);
}

static void
finds_the_recipients(void **state)
{
	static const struct {
		const char *header, *recipients;
	} cases[] = {
	    {"To: a, B <b@e>\nCc: a\n", "a b@e "},
	    {"Bcc: s\nTo: a\nTo: b\n bcc: in a fold\n", NULL},
	    {"Bcc: s\nTo: a\nTo: b\n", "a b s "},
	    {"BCC : s\n", "s "},
	    {"To: undisclosed-recipients:;\nBcc: a,\n b\n", "a b "},
	    {"To: a\nResent-To: b\nResent-Bcc: c\nBcc: d\nResent-To: e\n", "b e c "},
	    {"To: a\nResent-From: me\n", ""},
	    {"To: a\nResent-Bcc: b\n", "b "},
	    {"To: <>\nSubject: x\n", ""},
	    {"Subject: x\n", ""},
	    {"To: a b\n", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mail_envelope envelope = {.count = 0};
		struct buf found = BUF_INIT(1024);
		struct err e = ERR_INIT;
		int fd;
		struct mail_message *m = read_file(str_slice(cases[i].header), NULL, &fd);
		int result = mail_message_recipients(m, &envelope, &e);

		for (size_t j = 0; j < envelope.count; j++) {
			mail_address_write(&found, &envelope.recipients[j].address);
			buf_addc(&found, ' ');
		}
		assert_int_equal(result, cases[i].recipients == NULL ? -1 : 0);
		if (result == 0)
			assert_string_equal(buf_text(&found), cases[i].recipients);
		else
			assert_non_null(strstr(e.msg, "the field 'To': "));
		mail_envelope_free(&envelope);
		mail_message_free(m);
		buf_free(&found);
		(void)close(fd);
	}
}

/* Undoes quoted-printable, and fails where a line is too long or not as it should be. */
static void
decode(struct slice text, struct buf *out)
{
	while (text.len > 0) {
		struct slice line = str_cut(&text, '\n');

		assert_true(line.len > 0 && line.ptr[line.len - 1] == '\r');
		line.len--;
		assert_true(line.len <= 76);
		assert_true(line.len == 0 || (line.ptr[0] != '.' && line.ptr[0] != 'F'));
		assert_true(line.len == 0 || !strchr(" \t", line.ptr[line.len - 1]));
		for (size_t i = 0; i < line.len; i++) {
			char hex[3] = "";

			if (line.ptr[i] != '=') {
				buf_addc(out, line.ptr[i]);
			} else if (i + 2 < line.len) {
				(void)str_copy(
				    hex, sizeof hex, (struct slice){line.ptr + i + 1, 2});
				buf_addc(out, (char)strtoul(hex, NULL, 16));
				i += 2;
			} else {
				assert_int_equal(i, line.len - 1);
			}
		}
		if (line.len == 0 || line.ptr[line.len - 1] != '=')
			buf_adds(out, "\r\n");
	}
}

static void
quoted_printable_keeps_every_byte(void **state)
{
	static const char bytes[] = "\r\n\n..FF aaaaaaaaaaaaa=\t  \x01\x7f\xe0";
	uint32_t seed = 7;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct mail_message_options o = {.block = 2 + next_random(&seed) % 300};
		size_t len = 1 + next_random(&seed) % 500;
		struct buf input = BUF_INIT(MOST), out = BUF_INIT(MOST);
		struct buf body = BUF_INIT(MOST), expected = BUF_INIT(MOST);
		struct err e = ERR_INIT;
		struct mail_message *m;
		int fd;

		buf_adds(&input, "\n\xe0");
		for (size_t j = 0; j < len; j++)
			buf_addc(&input, bytes[next_random(&seed) % (sizeof bytes - 1)]);
		m = read_file(buf_slice(&input), &o, &fd);
		assert_int_equal(mail_message_fit(m, false, &e), 1);
		drain(m, true, &out);
		assert_int_equal(out.len, mail_message_facts(m).size);
		buf_consume(&out, mail_message_header(m).len + 2);
		decode(buf_slice(&out), &body);
		assert_true(
		    convert((struct slice){buf_text(&input) + 1, input.len - 1}, false, &expected));
		assert_true(str_equal(buf_slice(&body), buf_slice(&expected)));
		mail_message_free(m);
		(void)close(fd);
		buf_free(&input);
		buf_free(&out);
		buf_free(&body);
		buf_free(&expected);
	}
}

static void
fits_what_may_be_changed(void **state)
{
	static const struct {
		const char *header, *type; /* NULL: it can't be changed */
		const char *start;	   /* of the body, before a line that is too long */
	} cases[] = {
	    {"", "text/plain; charset=us-ascii", "a"},
	    {"", "text/plain; charset=utf-8", "\xc3\xa0"},
	    {"", "text/plain; charset=unknown-8bit", "\xe0"},
	    {"Content-Type: text/html\n", "text/html; charset=utf-8", "\xc3\xa0"},
	    {"Content-Type: text/html\n", "text/html", "a"},
	    {"Content-Type: text/plain;\n charset=latin1\n", "text/plain; charset=latin1", "\xe0"},
	    {"Content-Transfer-Encoding: 8bit\n", "text/plain; charset=us-ascii", "a"},
	    {"Content-Transfer-Encoding: base64\n", NULL, "a"},
	    {"Content-Type: multipart/signed; boundary=x\n", NULL, "a"},
	    {"Content-Type: application/json\n", NULL, "a"},
	    {"DKIM-Signature: v=1\n", NULL, "a"},
	    {"Content-Type: text/plain\nContent-Type: text/html\n", NULL, "a"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf input = BUF_INIT(MOST);
		struct err e = ERR_INIT;
		struct mail_message *m;
		int fd;

		buf_adds(&input, cases[i].header);
		buf_addf(&input, "\n%s%0999d\n", cases[i].start, 0);
		m = read_file(buf_slice(&input), NULL, &fd);
		assert_int_equal(mail_message_fit(m, true, &e), cases[i].type != NULL);
		assert_int_equal(mail_message_facts(m).encoded, cases[i].type != NULL);
		if (cases[i].type != NULL) {
			struct slice encoding = mail_message_field(m, "Content-Transfer-Encoding");

			assert_true(str_is(mail_message_field(m, "Content-Type"), cases[i].type));
			assert_true(str_is(encoding, "quoted-printable"));
			assert_true(str_is(mail_message_field(m, "MIME-Version"), "1.0"));
			assert_int_equal(mail_message_fit(m, false, &e), 1);
		}
		mail_message_free(m);
		buf_free(&input);
		(void)close(fd);
	}
}

static void
changes_nothing_that_fits(void **state)
{
	int fd;
	struct mail_message *m = read_file(str_slice("\n\xc3\xa0\n"), NULL, &fd);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(mail_message_fit(m, true, &e), 1);
	assert_false(mail_message_facts(m).encoded);
	assert_true(mail_message_facts(m).body_8bit);
	assert_int_equal(mail_message_fit(m, false, &e), 1);
	assert_true(mail_message_facts(m).encoded);
	assert_false(mail_message_facts(m).body_8bit);
	mail_message_free(m);
	(void)close(fd);
}

static void
gives_whole_records(void **state)
{
	struct buf input = BUF_INIT(MOST), out = BUF_INIT(MOST);
	struct mail_message_stream *stream;
	struct err e = ERR_INIT;
	struct mail_message *m;
	struct slice block;
	size_t last = 0;
	int fd;

	(void)state;
	buf_adds(&input, "A: 1\n\n");
	while (input.len < 1 << 20)
		buf_adds(&input, "a line that is nothing but a line\n");
	m = read_file(buf_slice(&input), NULL, &fd);
	stream = mail_message_stream_open(m, true, &e);
	while (mail_message_stream_next(stream, &block, &e) == 1) {
		assert_int_equal(last % (16 << 10), 0);
		last = block.len;
	}
	mail_message_stream_close(stream);
	drain(m, true, &out);
	assert_int_equal(out.len, mail_message_facts(m).size);
	mail_message_free(m);
	buf_free(&input);
	buf_free(&out);
	(void)close(fd);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sends_each_shape),
	    cmocka_unit_test(is_exact_at_every_edge),
	    cmocka_unit_test(is_exact_in_long_text),
	    cmocka_unit_test(says_where_a_nul_is),
	    cmocka_unit_test(counts_bare_crs),
	    cmocka_unit_test(refuses_an_endless_header),
	    cmocka_unit_test(starts_where_the_file_stands),
	    cmocka_unit_test(notices_a_changed_file),
	    cmocka_unit_test(fails_on_what_cannot_be_read),
	    cmocka_unit_test(changes_the_header),
	    cmocka_unit_test(finds_the_recipients),
	    cmocka_unit_test(quoted_printable_keeps_every_byte),
	    cmocka_unit_test(fits_what_may_be_changed),
	    cmocka_unit_test(changes_nothing_that_fits),
	    cmocka_unit_test(gives_whole_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
