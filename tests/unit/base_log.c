/*
 * Units of base/log: the forms of a line, and what comes to the journal's socket.
 */
#include <config.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"

#include "base/banned.h"

static void
fill(struct log_line *line)
{
	log_add_text(line, "host", "mail.example.org");
	log_add_text(line, "absent", NULL);
	log_add_text(line, "msg", "two words\n\"x\"");
	log_add_number(line, "size", -7);
}

static void
writes_each_form(void **state)
{
	static const char *const expected[] = {
	    [LOG_FORMAT_TEXT] = "host=mail.example.org msg=\"two words\\x0a\\\"x\\\"\" size=-7",
	    [LOG_FORMAT_JSON] =
		"\"host\":\"mail.example.org\",\"msg\":\"two words\\u000a\\\"x\\\"\",\"size\":-7",
	    [LOG_FORMAT_JOURNAL] =
		"IMBUCA_HOST=mail.example.org\nIMBUCA_MSG=two words\\x0a\"x\"\nIMBUCA_SIZE=-7\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		struct log_line line = LOG_LINE_INIT;

		line.format = (enum log_format)i;
		fill(&line);
		assert_string_equal(buf_text(&line.text), expected[i]);
		log_free(&line);
	}
}

static void
cuts_a_value_that_is_too_long(void **state)
{
	static const char kinds[] = {'a', ' ', '"', '\x1b'};
	static char huge[20000];

	(void)state;
	for (size_t i = 0; i < sizeof kinds; i++) {
		struct log_line line = LOG_LINE_INIT;

		memset(huge, kinds[i], sizeof huge - 1);
		log_add_text(&line, "recipients", huge);
		log_add_text(&line, "exitcode", "EX_OK");
		assert_false(line.text.full);
		assert_non_null(strstr(buf_text(&line.text), "..."));
		assert_non_null(strstr(buf_text(&line.text), " exitcode=EX_OK"));
		log_free(&line);
	}
}

static void
leaves_out_a_member_that_does_not_fit(void **state)
{
	static char huge[LOG_VALUE_MAXIMUM + 1];
	struct log_line line = LOG_LINE_INIT;

	(void)state;
	memset(huge, 'x', sizeof huge - 1);
	line.format = LOG_FORMAT_JSON;
	for (int i = 0; i < 20; i++)
		log_add_text(&line, "b", huge);
	log_add_text(&line, "c", "3");
	assert_null(strstr(buf_text(&line.text), "..."));
	assert_non_null(strstr(buf_text(&line.text), "xxx\",\"c\":\"3\""));
	log_free(&line);
}

static void
reaches_the_journal(void **state)
{
	char folder[] = "/tmp/imbuca-unit-XXXXXX", got[1024];
	struct log_line line = LOG_LINE_INIT, fields = LOG_LINE_INIT;
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	struct buf expected = BUF_INIT(1024);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ssize_t len;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	assert_true(str_copy(name.sun_path, sizeof name.sun_path, str_slice("journal")));
	fields.format = LOG_FORMAT_JOURNAL;
	fill(&line);
	fill(&fields);
	assert_false(log_to_journal("journal", &line, &fields, "imbuca", LOG_MAIL, false));
	assert_int_equal(bind(fd, (const struct sockaddr *)&name, sizeof name), 0);
	assert_true(log_to_journal("journal", &line, &fields, "imbuca", LOG_MAIL, true));
	len = recv(fd, got, sizeof got - 1, 0);
	assert_true(len > 0);
	got[len] = '\0';
	buf_addf(&expected,
	    "PRIORITY=3\nSYSLOG_FACILITY=2\nSYSLOG_IDENTIFIER=imbuca\nSYSLOG_PID=%ld\n"
	    "MESSAGE=%s\n%s",
	    (long)getpid(), buf_text(&line.text), buf_text(&fields.text));
	assert_string_equal(got, buf_text(&expected));
	assert_int_equal(close(fd), 0);
	assert_int_equal(unlink("journal"), 0);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(rmdir(folder), 0);
	buf_free(&expected);
	log_free(&line);
	log_free(&fields);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_each_form),
	    cmocka_unit_test(cuts_a_value_that_is_too_long),
	    cmocka_unit_test(leaves_out_a_member_that_does_not_fit),
	    cmocka_unit_test(reaches_the_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
