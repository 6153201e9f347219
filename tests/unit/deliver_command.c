/*
 * Units of deliver/command: no shell, a clean environment, no descriptors, the message as input,
 * and each way to end as the reply that it is.
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
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "deliver/command.h"

#include "base/banned.h"

static const struct deliver_command_context context = {
    .user = "anna",
    .home = "/tmp",
    .sender = "a;b@c.example",
    .recipient = "anna+`id`@d.example",
    .extension = "`id`",
};

static int
run(const char *command, int64_t milliseconds, struct err *e)
{
	int fd = file_open_unnamed(NULL, e), status;

	assert_true(fd >= 0);
	assert_int_equal(file_write(fd, "message", "body\r\n", 6, e), 0);
	status = deliver_command(
	    command, &context, str_slice("Top: 1\n"), fd, deadline_in(milliseconds), e);
	(void)close(fd);
	return status;
}

/* What `sh -c SCRIPT` writes to a file whose name it gets as $1. */
static void
written_by(const char *script, struct buf *out)
{
	char file[] = "/tmp/imbuca-unit-XXXXXX";
	struct buf command = BUF_INIT(1000);
	struct err e = ERR_INIT;
	int fd = mkstemp(file);

	assert_true(fd >= 0);
	(void)close(fd);
	buf_addf(&command, "/bin/sh -c '%s' sh %s", script, file);
	assert_int_equal(run(buf_text(&command), 20000, &e), 0);
	assert_int_equal(file_read(file, out, &e), 0);
	assert_int_equal(unlink(file), 0);
	buf_free(&command);
}

static void
gives_the_message(void **state)
{
	struct buf got = BUF_INIT(1000);

	(void)state;
	written_by("cat >$1", &got);
	assert_string_equal(buf_text(&got), "Top: 1\nbody\n");
	buf_free(&got);
}

static void
gives_a_clean_environment(void **state)
{
	struct buf got = BUF_INIT(4000);

	(void)state;
	assert_int_equal(setenv("SECRET", "x", 1), 0);
	written_by("env | sort >$1", &got);
	assert_null(strstr(buf_text(&got), "SECRET"));
	assert_non_null(strstr(buf_text(&got), "\nSENDER=a_b@c.example\n"));
	assert_non_null(strstr(buf_text(&got), "\nRECIPIENT=anna+_id_@d.example\n"));
	assert_non_null(strstr(buf_text(&got), "EXTENSION=_id_\n"));
	assert_non_null(strstr(buf_text(&got), "HOME=/tmp\n"));
	buf_free(&got);
}

static void
leaves_no_descriptor_open(void **state)
{
	struct buf got = BUF_INIT(1000);
	int fd = open("/dev/null", O_RDONLY); /* without close-on-exec, at that */

	(void)state;
	written_by("ls /proc/self/fd | tr \"\\n\" \" \" >$1", &got);
	/* 3 is ls's own, of the folder. */
	assert_string_equal(buf_text(&got), "0 1 2 3 ");
	(void)close(fd);
	buf_free(&got);
}

static void
sees_no_shell(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(run("/usr/bin/test 'a;  b' = \"a;  b\"", 20000, &e), 0);
	assert_int_equal(run("/usr/bin/test $HOME = \\$HOME", 20000, &e), 0);
}

static void
judges_how_it_ends(void **state)
{
	static const struct {
		const char *command;
		int code;
		const char *enhanced;
	} cases[] = {
	    {"/bin/sh -c 'exit 75'", 451, "4.3.0"},
	    {"/bin/sh -c 'exit 67'", 550, "5.1.1"},
	    {"/bin/sh -c 'exit 65'", 554, "5.3.0"},
	    {"/bin/sh -c 'exit 1'", 451, "4.3.0"},
	    {"/bin/sh -c 'kill -9 $$'", 451, "4.3.0"},
	    {"/nonexistent/program", 451, "4.3.0"},
	    {"'unclosed", 451, "4.3.0"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err e = ERR_INIT;

		assert_int_equal(run(cases[i].command, 20000, &e), -1);
		assert_int_equal(e.code, cases[i].code);
		assert_string_equal(e.enhanced, cases[i].enhanced);
	}
}

static void
has_a_time_limit(void **state)
{
	struct err e = ERR_INIT;
	int64_t before = deadline_now();

	(void)state;
	assert_int_equal(run("/bin/sh -c 'sleep 50 & wait'", 200, &e), -1);
	assert_int_equal(e.code, 451);
	assert_true(deadline_now() - before < 20000);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_the_message),
	    cmocka_unit_test(gives_a_clean_environment),
	    cmocka_unit_test(leaves_no_descriptor_open),
	    cmocka_unit_test(sees_no_shell),
	    cmocka_unit_test(judges_how_it_ends),
	    cmocka_unit_test(has_a_time_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
