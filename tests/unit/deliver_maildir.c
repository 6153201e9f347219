/*
 * Units of deliver/maildir: what is delivered lies whole in new, its lines ended by LF, and nothing
 * is left in tmp; what can't be delivered says so with its reply.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <dirent.h>

#include <cmocka.h>

#include "base/file.h"
#include "deliver/maildir.h"
#include "scratch.h"

#include "base/banned.h"

static const char maildir[] = "a/Maildir";

/* How many files lie in a folder; none where there is no folder. */
static size_t
count_in(const char *folder)
{
	struct dirent *entry;
	size_t count = 0;
	DIR *dir = opendir(folder);

	if (dir == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.';
	(void)closedir(dir);
	return count;
}

static int
message_of(struct slice text)
{
	struct err e = ERR_INIT;
	int fd = file_open_unnamed(NULL, &e);

	assert_true(fd >= 0);
	assert_int_equal(file_write(fd, "message", text.ptr, text.len, &e), 0);
	return fd;
}

/* Delivers TEXT and gives back what then lies in new. */
static void
deliver(struct slice text, struct buf *out)
{
	struct buf name = BUF_INIT(300), path = BUF_INIT(1000);
	struct err e = ERR_INIT;
	int fd = message_of(text);

	assert_int_equal(
	    deliver_maildir(maildir, "a/b:c", str_slice("Top: 1\n"), fd, &name, &e), 0);
	buf_addf(&path, "%s/new/%s", maildir, buf_text(&name));
	assert_int_equal(file_read(buf_text(&path), out, &e), 0);
	assert_non_null(strstr(buf_text(&name), ".a\\057b\\072c,S="));
	(void)close(fd);
	buf_free(&name);
	buf_free(&path);
}

static void
ends_lines_by_lf(void **state)
{
	static const struct {
		const char *raw, *stored;
	} cases[] = {
	    {"", "Top: 1\n"},
	    {"a\r\n\r\nb\r\n", "Top: 1\na\n\nb\n"},
	    {"a\nb\rc\r\r\nd", "Top: 1\na\nb\rc\r\nd"},
	    {"a\r", "Top: 1\na\r"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf got = BUF_INIT(1000);

		deliver(str_slice(cases[i].raw), &got);
		assert_string_equal(buf_text(&got), cases[i].stored);
		buf_free(&got);
	}
	assert_int_equal(count_in("a/Maildir/new"), 4);
	assert_int_equal(count_in("a/Maildir/tmp"), 0);
}

static void
is_exact_at_the_edge_of_a_block(void **state)
{
	(void)state;
	for (size_t shift = 0; shift < 4; shift++) {
		struct buf raw = BUF_INIT(300000), got = BUF_INIT(300000);
		struct buf wanted = BUF_INIT(300000);

		buf_adds(&wanted, "Top: 1\n");
		for (size_t i = 0; i < shift; i++) {
			buf_addc(&raw, 'x');
			buf_addc(&wanted, 'x');
		}
		for (size_t i = 0; i < 50000; i++) {
			buf_adds(&raw, "ab\r\n");
			buf_adds(&wanted, "ab\n");
		}
		deliver(buf_slice(&raw), &got);
		assert_true(str_equal(buf_slice(&got), buf_slice(&wanted)));
		buf_free(&raw);
		buf_free(&got);
		buf_free(&wanted);
	}
}

static void
says_what_the_client_should_hear(void **state)
{
	struct buf name = BUF_INIT(300);
	struct err e = ERR_INIT;
	int fd = message_of(str_slice("x"));

	(void)state;
	/* A file where the Maildir should be. */
	assert_int_equal(deliver_maildir("/dev/null", "h", str_slice(""), fd, &name, &e), -1);
	assert_int_equal(e.code, 451);
	assert_string_equal(e.enhanced, "4.3.0");
	assert_int_equal(e.ex, EX_TEMPFAIL);
	/* A message that cannot be read leaves nothing behind. */
	assert_int_equal(deliver_maildir(maildir, "h", str_slice(""), -1, &name, &e), -1);
	assert_int_equal(count_in("a/Maildir/new"), 0);
	assert_int_equal(count_in("a/Maildir/tmp"), 0);
	(void)close(fd);
	buf_free(&name);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    SCRATCH_TEST(ends_lines_by_lf),
	    SCRATCH_TEST(is_exact_at_the_edge_of_a_block),
	    SCRATCH_TEST(says_what_the_client_should_hear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
