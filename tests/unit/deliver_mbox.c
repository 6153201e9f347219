/*
 * Units of deliver/mbox: what a reader of mboxrd finds is what was delivered; a delivery that fails
 * leaves the file as it was; what is no mailbox of one name is not written to; locks are kept.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "deliver/mbox.h"
#include "scratch.h"

#include "base/banned.h"

static const char file[] = "mbox", other[] = "other", lock[] = "mbox.lock";

static int
deliver(const char *text, struct err *e)
{
	int fd = file_open_unnamed(NULL, e), status;

	assert_true(fd >= 0);
	assert_int_equal(file_write(fd, "message", text, strlen(text), e), 0);
	status = deliver_mbox(file, "a@b.example", str_slice("Top: 1\n"), fd, e);
	(void)close(fd);
	return status;
}

/* The file, the dates of its From lines taken out. */
static void
read_back(struct buf *out)
{
	static const char head[] = "From a@b.example ";
	struct buf raw = BUF_INIT(1 << 20);
	struct err e = ERR_INIT;
	struct slice rest;

	assert_int_equal(file_read(file, &raw, &e), 0);
	rest = buf_slice(&raw);
	while (rest.ptr != NULL) {
		struct slice line = str_cut(&rest, '\n');

		if (str_begins_nocase(line, head)) {
			assert_int_equal(
			    line.len, strlen(head) + strlen("Wed Nov 25 09:39:47 2026"));
			line.len = strlen(head);
		}
		buf_add_slice(out, line);
		if (rest.ptr != NULL)
			buf_addc(out, '\n');
	}
	buf_free(&raw);
}

static void
quotes_what_looks_like_the_next_message(void **state)
{
	static const struct {
		const char *raw, *stored;
	} cases[] = {
	    {"From x\r\n>From y\r\n>>From z\r\nFrom\r\n>Fro",
		">From x\n>>From y\n>>>From z\nFrom\n>Fro\n"},
	    {"a From b\r\n\r\nfrom c\r\n> From d\r\n", "a From b\n\nfrom c\n> From d\n"},
	    {"", ""},
	    {">", ">\n"},
	};
	struct buf wanted = BUF_INIT(1 << 16), got = BUF_INIT(1 << 16);
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(deliver(cases[i].raw, &e), 0);
		buf_addf(&wanted, "From a@b.example \nTop: 1\n%s\n", cases[i].stored);
	}
	read_back(&got);
	assert_string_equal(buf_text(&got), buf_text(&wanted));
	assert_int_equal(access(lock, F_OK), -1);
	buf_free(&wanted);
	buf_free(&got);
}

static void
quotes_across_blocks(void **state)
{
	/* The line begins within the last bytes of a block of 64 KiB, at each of them in turn. */
	for (size_t shift = 0; shift < 8; shift++) {
		struct buf raw = BUF_INIT(1 << 18), got = BUF_INIT(1 << 18);
		struct err e = ERR_INIT;

		(void)state;
		for (size_t i = 0; i < 65535 - shift; i++)
			buf_addc(&raw, 'x');
		buf_adds(&raw, "\n>From me\n");
		assert_int_equal(deliver(buf_text(&raw), &e), 0);
		read_back(&got);
		assert_non_null(strstr(buf_text(&got), "x\n>>From me\n\n"));
		assert_int_equal(unlink(file), 0);
		buf_free(&raw);
		buf_free(&got);
	}
}

static void
ends_what_another_program_left_open(void **state)
{
	struct buf got = BUF_INIT(1 << 16);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(file_replace(file, 0600, str_slice("From x\n\nno end"), &e), 0);
	assert_int_equal(deliver("a\n", &e), 0);
	read_back(&got);
	assert_string_equal(buf_text(&got), "From x\n\nno end\n\nFrom a@b.example \nTop: 1\na\n\n");
	buf_free(&got);
}

static void
is_cut_back_where_it_does_not_fit(void **state)
{
	struct rlimit before, small;
	struct buf raw = BUF_INIT(1 << 18);
	struct err e = ERR_INIT;
	struct stat st;

	(void)state;
	for (size_t i = 0; i < 100000; i++)
		buf_addc(&raw, 'x');
	assert_int_equal(file_replace(file, 0600, str_slice("From x\n\n\n"), &e), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 100000;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(deliver(buf_text(&raw), &e), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(e.code, 552);
	assert_string_equal(e.enhanced, "5.2.2");
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_size, 9);
	assert_int_equal(access(lock, F_OK), -1);
	buf_free(&raw);
}

static void
writes_to_no_other_file(void **state)
{
	struct err e = ERR_INIT;
	struct stat st;

	(void)state;
	assert_int_equal(file_replace(other, 0600, str_slice("secret"), &e), 0);
	assert_int_equal(symlink(other, file), 0);
	assert_int_equal(deliver("a\n", &e), -1);
	assert_int_equal(e.code, 451);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(link(other, file), 0);
	assert_int_equal(deliver("a\n", &e), -1);
	assert_int_equal(e.code, 451);
	assert_int_equal(stat(other, &st), 0);
	assert_int_equal(st.st_size, 6);
}

static void
takes_no_file_of_another_user(void **state)
{
	struct err e = ERR_INIT;
	struct stat st;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(file_replace(file, 0666, str_slice(""), &e), 0);
	assert_int_equal(chown(file, 1, (gid_t)-1), 0);
	assert_int_equal(deliver("a\n", &e), -1);
	assert_int_equal(e.code, 451);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_size, 0);
}

static void
takes_over_a_lock_that_is_stale(void **state)
{
	struct err e = ERR_INIT;
	const struct timespec old[2] = {{1000000, 0}, {1000000, 0}};

	(void)state;
	assert_int_equal(file_replace(lock, 0600, str_slice(""), &e), 0);
	assert_int_equal(utimensat(AT_FDCWD, lock, old, 0), 0);
	assert_int_equal(deliver("a\n", &e), 0);
	assert_int_equal(access(lock, F_OK), -1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    SCRATCH_TEST(quotes_what_looks_like_the_next_message),
	    SCRATCH_TEST(quotes_across_blocks),
	    SCRATCH_TEST(ends_what_another_program_left_open),
	    SCRATCH_TEST(is_cut_back_where_it_does_not_fit),
	    SCRATCH_TEST(writes_to_no_other_file),
	    SCRATCH_TEST(takes_no_file_of_another_user),
	    SCRATCH_TEST(takes_over_a_lock_that_is_stale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
