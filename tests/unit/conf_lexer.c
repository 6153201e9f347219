/*
 * Units of conf/lexer: what a line is taken for, and the place that an error names.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "conf/lexer.h"

#include "base/banned.h"

/* Each line that is read, as LINE:KEYWORD=VALUE; an error as its message. */
static void
read_all(struct slice text, struct buf *out)
{
	struct conf_lexer lexer = conf_lexer_of("rc", text);
	struct conf_line line;
	struct err e = ERR_INIT;
	int got;

	while ((got = conf_lexer_next(&lexer, &line, &e)) > 0) {
		assert_non_null(line.value.ptr);
		buf_addf(
		    out, "%u:%.*s=%.*s;", lexer.line, STR_ARGS(line.keyword), STR_ARGS(line.value));
	}
	if (got < 0) {
		assert_int_equal(e.ex, EX_CONFIG);
		buf_adds(out, e.msg);
	}
}

static void
reads_lines_as_msmtp_does(void **state)
{
	static const struct {
		const char *text, *read;
	} cases[] = {
	    {"", ""},
	    {"\n  \n\t\n", ""},
	    {"# host x\n   # host y", ""},
	    {"host a", "1:host=a;"},
	    {"host a\n", "1:host=a;"},
	    {"\n host\t a  b \t \r\nport 25\r\n", "2:host=a  b;3:port=25;"},
	    {"tls", "1:tls=;"},
	    {"tls  \n", "1:tls=;"},
	    {"password a#b # c", "1:password=a#b # c;"},
	    {"password \" a \"", "1:password= a ;"},
	    {"password \"\"", "1:password=;"},
	    {"password \"\"a\"\"", "1:password=\"a\";"},
	    {"password a\"b", "1:password=a\"b;"},
	    {"passwordeval \"gpg\" -d file", "1:passwordeval=\"gpg\" -d file;"},
	    {"\xef\xbb\xbfhost a", "1:host=a;"},
	    {"user citt\xc3\xa0", "1:user=citt\xc3\xa0;"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = BUF_INIT(1024);

		read_all(str_slice(cases[i].text), &out);
		assert_string_equal(buf_text(&out), cases[i].read);
		buf_free(&out);
	}
}

static void
names_the_place_of_what_it_refuses(void **state)
{
	static const struct {
		struct slice text;
		const char *message;
	} cases[] = {
	    {STR_LITERAL("\nhost a\0b"), "rc:2:7: a control byte (0x00) in a text file"},
	    {STR_LITERAL("# \x1b[2J"), "rc:1:3: a control byte (0x1b) in a text file"},
	    {STR_LITERAL("a b\rc d"), "rc:1:4: a control byte (0x0d) in a text file"},
	    {STR_LITERAL("\n\nuser   \"x"), "rc:3:8: this quote is not closed"},
	    {STR_LITERAL("user \""), "rc:1:6: this quote is not closed"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = BUF_INIT(1024);

		read_all(cases[i].text, &out);
		assert_string_equal(buf_text(&out), cases[i].message);
		buf_free(&out);
	}
}

static void
takes_a_line_of_any_length(void **state)
{
	enum { LENGTH = 100000 };
	struct buf text = BUF_INIT(LENGTH + 100), out = BUF_INIT(LENGTH + 100);

	(void)state;
	buf_adds(&text, "user ");
	for (size_t i = 0; i < LENGTH; i++)
		buf_addc(&text, 'x');
	read_all(buf_slice(&text), &out);
	assert_int_equal(out.len, LENGTH + strlen("1:user=;"));
	buf_free(&text);
	buf_free(&out);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_lines_as_msmtp_does),
	    cmocka_unit_test(names_the_place_of_what_it_refuses),
	    cmocka_unit_test(takes_a_line_of_any_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
