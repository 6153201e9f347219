/*
 * Units of app/options: the rules of parsing, each option's effect, commands, and what is refused.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/command.h"
#include "app/option.h"
#include "app/options.h"
#include "base/buf.h"
#include "conf/account.h"
#include "conf/obsolete.h"

#include "base/banned.h"

enum { ARGUMENTS = 12 };

/* Parses ARGV as a program gets it: an array that may be reordered. */
static int
parse(struct app_options *options, const char *const *argv, struct err *e)
{
	static char texts[ARGUMENTS][64], *copy[ARGUMENTS];

	memset(copy, 0, sizeof copy);
	for (size_t n = 0; argv[n] != NULL; n++) {
		assert_true(n < ARGUMENTS - 1);
		assert_true(str_copy(texts[n], sizeof texts[n], str_slice(argv[n])));
		copy[n] = texts[n];
	}
	return app_options_parse(options, copy, e);
}

/* What the options say, in one line: a letter a flag, NAME=VALUE a text, then the operands. */
static void
describe(const struct app_options *o, struct buf *out)
{
	const struct {
		const char *name, *value;
	} texts[] = {{"f", o->sender}, {"F", o->full_name}, {"a", o->account}, {"C", o->file},
	    {"L", o->log_tag}, {"s", o->subject}};
	const struct {
		char letter;
		bool set;
	} flags[] = {{'t', o->read_recipients}, {'i', o->ignore_dots}, {'d', o->debug},
	    {'P', o->pretend}, {'j', o->json}, {'h', o->help}, {'v', o->version}, {'G', o->gateway},
	    {'n', o->no_aliases}, {'q', o->errors == 'q'}};

	if (o->command != NULL)
		buf_addf(
		    out, "<%s>", o->command->name != NULL ? o->command->name : o->command->mode);
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		if (flags[i].set)
			buf_addc(out, flags[i].letter);
	}
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (texts[i].value != NULL)
			buf_addf(out, "(%s=%s)", texts[i].name, texts[i].value);
	}
	for (size_t i = 0; i < o->override_count; i++)
		buf_addf(out, "(%s:%s=%s)", o->overrides[i].option, o->overrides[i].keyword,
		    o->overrides[i].value);
	for (size_t i = 0; i < o->operand_count; i++)
		buf_addf(out, " %s", o->operands[i]);
}

static void
assert_parsed(const char *const *argv, const char *expected)
{
	struct buf out = BUF_INIT(1024);
	struct app_options options;
	struct err e = ERR_INIT;

	assert_int_equal(parse(&options, argv, &e), 0);
	describe(&options, &out);
	assert_string_equal(buf_text(&out), expected);
	buf_free(&out);
}

static void
parses_as_sendmail_and_msmtp_do(void **state)
{
	static const struct {
		const char *argv[ARGUMENTS], *expected;
	} cases[] = {
	    {{"imbuca"}, ""},
	    {{"imbuca", "a@b", "c@d"}, " a@b c@d"},
	    {{"imbuca", "root", "-i"}, " root -i"},
	    {{"imbuca", "--", "-t", "--"}, " -t --"},
	    {{"imbuca", "-", "x"}, " - x"},
	    {{"imbuca", "-it", "x"}, "ti x"},
	    {{"imbuca", "-ti", "-fme@x", "y"}, "ti(f=me@x) y"},
	    {{"imbuca", "-tfme@x", "y"}, "t(f=me@x) y"},
	    {{"imbuca", "-f", "me@x", "y"}, "(f=me@x) y"},
	    {{"imbuca", "-f", "", "y"}, "(f=) y"},
	    {{"imbuca", "-f", "--", "y"}, "(f=--) y"},
	    {{"imbuca", "-r", "me@x", "-f", "you@x"}, "(f=you@x)"},
	    {{"imbuca", "--from=", "y"}, "(f=) y"},
	    {{"imbuca", "--from", "me@x"}, "(f=me@x)"},
	    {{"imbuca", "--from=a=b"}, "(f=a=b)"},
	    {{"imbuca", "-FCronDaemon", "-i", "-B8BITMIME", "-oem", "root"},
		"i(F=CronDaemon) root"},
	    {{"imbuca", "-oi", "-odi", "-or0s", "x"}, "i x"},
	    {{"imbuca", "-oitrue", "x"}, "i x"},
	    {{"imbuca", "-oifalse", "-oefirst", "x"}, " x"},
	    {{"imbuca", "-i", "-oiF"}, ""},
	    {{"imbuca", "-bm", "-em", "-G", "-n", "-m", "-U", "-Lcron", "-h", "3"}, "Gn(L=cron)"},
	    {{"imbuca", "-eq", "-s", "a (b) c", "root"}, "q(s=a (b) c) root"},
	    {{"imbuca", "-OIgnoreDots=True", "-O", "ErrorMode=q", "-OX", "-Ov=", "x"}, "iq x"},
	    {{"imbuca", "-oA/etc/mail/aliases", "-oA"}, "(-oA:aliases=/etc/mail/aliases)"},
	    {{"imbuca", "-O", "aliasfile = a b "}, "(-oA:aliases=a b )"},
	    {{"imbuca", "-d0.1"}, "v"},
	    {{"imbuca", "-d21.12", "x"}, " x"},
	    {{"imbuca", "-di", "x"}, "id x"},
	    {{"imbuca", "-E", "-J", "-c", "-T", "1d", "-MX", "-Mx", "-Dlog", "x"}, " x"},
	    {{"imbuca", "-XVERBOSE"}, "(--logfile:logfile=VERBOSE)"},
	    {{"imbuca", "-Ac", "-O", "ErrorMode=m", "-pUUCP", "-x", "x"}, " x"},
	    {{"imbuca", "-d", "-v", "-P", "--read-recipients", "--json"}, "tdPj"},
	    {{"imbuca", "-awork", "-C", "rc"}, "(a=work)(C=rc)"},
	    {{"imbuca", "--help", "--version"}, "hv"},
	    {{"imbuca", "--host=h", "--port", "25", "x"}, "(--host:host=h)(--port:port=25) x"},
	    {{"imbuca", "--tls", "off"}, "(--tls:tls=) off"},
	    {{"imbuca", "--tls=off"}, "(--tls:tls=off)"},
	    {{"imbuca", "--tls", "--tls=off"}, "(--tls:tls=off)"},
	    {{"imbuca", "--auth", "--tls-starttls=on", "--tls-certcheck=off"},
		"(--auth:auth=)(--tls-starttls:tls_starttls=on)"
		"(--tls-certcheck:tls_certcheck=off)"},
	    {{"imbuca", "--user=", "--passwordeval=cat f"},
		"(--user:user=)(--passwordeval:passwordeval=cat f)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_parsed(cases[i].argv, cases[i].expected);
}

static void
knows_commands_by_the_name_it_is_called(void **state)
{
	static const struct {
		const char *argv[ARGUMENTS], *expected;
	} cases[] = {
	    {{"imbuca", "config"}, "<config>"},
	    {{"/usr/bin/imbuca", "-C", "rc", "config", "work"}, "<config>(C=rc) work"},
	    {{"imbuca", "config", "work", "--json", "-a", "x"}, "<config>j(a=x) work"},
	    {{"imbuca", "config", "a", "-d", "b", "--", "-c", "--json"}, "<config>d a b -c --json"},
	    {{"imbuca", "--", "config"}, " config"},
	    {{"imbuca", "mailq"}, " mailq"},
	    {{"sendmail", "config"}, " config"},
	    {{"/usr/lib/sendmail", "-t", "config"}, "t config"},
	    {{"send-mail", "config"}, " config"},
	    {{"/usr/bin/mailq"}, "<mailq>"},
	    {{"newaliases"}, "<newaliases>"},
	    {{"runq"}, "<runq>"},
	    {{"rmail", "-t", "config"}, "ti config"},
	    {{"newaliases", "-bp"}, "<mailq>"},
	    {{"mailq", "-v", "-Ac"}, "<mailq>d"},
	    {{"imbuca", "-bi", "config"}, "<newaliases> config"},
	    {{"imbuca", "-I"}, "<newaliases>"},
	    {{"imbuca", "-bi", "-bm", "x"}, " x"},
	    {{"imbuca", "-bP"}, "<P>"},
	    {{"imbuca", "-bV"}, "v"},
	    {{"imbuca", "-bC"}, "<config>"},
	    {{"imbuca", "-b", "d"}, "<d>"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_parsed(cases[i].argv, cases[i].expected);
}

static void
refuses_with_a_usage_error(void **state)
{
	static const struct {
		const char *argv[ARGUMENTS], *message;
	} cases[] = {
	    {{"imbuca", "--hots=x"}, "unknown option '--hots' (did you mean '--host'?)"},
	    {{"imbuca", "--tls-start-tls"},
		"unknown option '--tls-start-tls' (did you mean '--tls-starttls'?)"},
	    {{"imbuca", "--quux"}, "unknown option '--quux'"},
	    {{"imbuca", "-Z"}, "unknown option '-Z'"},
	    {{"imbuca", "-tZ"}, "unknown option '-Z'"},
	    {{"imbuca", "-f"}, "option '-f' needs a value"},
	    {{"imbuca", "-tf"}, "option '-f' needs a value"},
	    {{"imbuca", "--port"}, "option '--port' needs a value"},
	    {{"imbuca", "--json=1"}, "option '--json' takes no value"},
	    {{"imbuca", "-bz"}, "this program has no mode '-bz'"},
	    {{"imbuca", "-XV+=", "x"}, "VERP ('-XV+=') is not done here"},
	    {{"imbuca", "--debug=0.1"}, "option '--debug' takes no value"},
	    {{"imbuca", "config", "x", "--hots"},
		"unknown option '--hots' (did you mean '--host'?)"},
	    {{"imbuca", "-fa\r\nRCPT TO:<b>"},
		"an argument holds a control byte: '-fa\\x0d\\x0aRCPT TO:<b>'"},
	    {{"imbuca", "a@b\n"}, "an argument holds a control byte: 'a@b\\x0a'"},
	    {{"imbuca", "--", "\x1b[2J"}, "an argument holds a control byte: '\\x1b[2J'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct app_options options;
		struct err e = ERR_INIT;

		assert_int_equal(parse(&options, cases[i].argv, &e), -1);
		assert_int_equal(e.ex, EX_USAGE);
		assert_string_equal(e.msg, cases[i].message);
	}
}

static void
survives_an_empty_argv(void **state)
{
	char *argv[] = {NULL};
	struct app_options options;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(app_options_parse(&options, argv, &e), 0);
	assert_int_equal(options.operand_count, 0);
}

/* A row that sets a keyword names one that there is, and no letter or name stands for two. */
static void
the_table_is_sound(void **state)
{
	const struct app_option *row;
	size_t keywords = 0;

	(void)state;
	for (size_t i = 0; (row = app_option_at(i)) != NULL; i++) {
		assert_true(row->letter != 0 || row->name != NULL);
		if (row->letter != 0)
			assert_ptr_equal(app_option_of_letter(row->letter), row);
		if (row->name != NULL)
			assert_ptr_equal(app_option_of_name(str_slice(row->name)), row);
		if (row->keyword != NULL) {
			struct slice keyword = str_slice(row->keyword), value = str_slice("");

			(void)conf_obsolete_translate(&keyword, &value);
			assert_non_null(conf_account_keyword_find(keyword));
			keywords++;
		}
		assert_int_equal(row->value == APP_OPTION_NEEDED || row->value == APP_OPTION_MAYBE,
		    row->argument != NULL);
	}
	assert_true(keywords <= APP_OPTIONS_OVERRIDES);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parses_as_sendmail_and_msmtp_do),
	    cmocka_unit_test(knows_commands_by_the_name_it_is_called),
	    cmocka_unit_test(refuses_with_a_usage_error),
	    cmocka_unit_test(survives_an_empty_argv),
	    cmocka_unit_test(the_table_is_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
