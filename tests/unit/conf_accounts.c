/*
 * Units of conf/accounts: files good and bad with the whole text of the error, includes, the
 * secrecy of the file, and which account is meant.
 */
#include <config.h>

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "conf/account_settle.h"
#include "conf/accounts_choose.h"

#include "scratch.h"

#include "base/banned.h"

static void
write_file(const char *name, mode_t mode, const char *text)
{
	struct err e = ERR_INIT;

	assert_int_equal(file_replace(name, mode, str_slice(text), &e), 0);
}

static struct conf_accounts *
load(const char *name)
{
	struct conf_accounts *set = NULL;
	struct err e = ERR_INIT;

	if (conf_accounts_load(name, &set, &e) < 0)
		fail_msg("%s", e.msg);
	return set;
}

/* The accounts as NAME(KEYWORD=VALUE@ORIGIN ...), with the values that somebody said. */
static void
describe(const struct conf_accounts *set, struct buf *out)
{
	const struct conf_account *a;

	for (size_t i = 0; (a = conf_accounts_at(set, i)) != NULL; i++) {
		buf_addf(out, "%s(", a->name);
		for (const struct conf_account_keyword *row = conf_account_keyword_table;
		     row->name != NULL; row++) {
			const struct conf_origin *origin = conf_account_origin(a, row);

			if (origin->kind == CONF_ORIGIN_DEFAULT)
				continue;
			buf_addf(out, " %s=", row->name);
			conf_account_print(a, row, out);
			buf_addc(out, '@');
			conf_origin_print(origin, out);
		}
		buf_adds(out, " )");
	}
}

static void
reads_files(void **state)
{
	static const struct {
		const char *text, *read;
	} cases[] = {
	    {"", ""},
	    {"account a\nhost h\n", "a( host=h@rc:2 )"},
	    {"defaults\nport 99\ntls\naccount a\nhost h\n",
		"a( host=h@rc:5 port=99@rc:2 tls=on@rc:3 )"},
	    {"defaults\nport 99\ndefaults\ntls off\naccount a\n", "a( tls=off@rc:4 )"},
	    {"account a\nport 1\ndefaults\nport 2\naccount b\n",
		"a( port=1@rc:2 )b( port=2@rc:4 )"},
	    {"account a\nhost h\nport 1\naccount b\nport 2\naccount c : a, b\ntls off\n",
		"a( host=h@rc:2 port=1@rc:3 )b( port=2@rc:5 )"
		"c( host=h@rc:2 port=2@rc:5 tls=off@rc:7 )"},
	    {"account a\nhost h\naccount default:a", "a( host=h@rc:2 )default( host=h@rc:2 )"},
	    {"defaults\nfrom x@y\naccount a\naccount b\nfrom v@w\nfrom t@u\naccount c : b\n",
		"a( from=x@y@rc:2 )b( from=v@w, t@u@rc:6 )c( from=v@w, t@u@rc:6 )"},
	    {"account a\npassword secret\naccount b : a\npasswordeval cmd\n",
		"a( password=***@rc:2 )b( passwordeval=cmd@rc:4 )"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = BUF_INIT(4096);
		struct conf_accounts *set;

		write_file("rc", 0600, cases[i].text);
		set = load("rc");
		describe(set, &out);
		assert_string_equal(buf_text(&out), cases[i].read);
		conf_accounts_free(set);
		buf_free(&out);
	}
}

static void
refuses_with_the_place(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
	    {"account a\nhots h\n", "rc:2:1: unknown keyword 'hots' (did you mean 'host'?)"},
	    {"account a\n  Port 1\n", "rc:2:3: unknown keyword 'Port' (did you mean 'port'?)"},
	    {"acount a\n", "rc:1:1: unknown keyword 'acount' (did you mean 'account'?)"},
	    {"account a\nzebra 1\n", "rc:2:1: unknown keyword 'zebra'"},
	    {"\nhost h\n", "rc:2:1: 'host' belongs to no account"},
	    {"account\n", "rc:1:8: an account needs a name"},
	    {"account : b\n", "rc:1:9: an account needs a name"},
	    {"defaults x\n", "rc:1:10: 'defaults' stands alone on its line"},
	    {"account work\naccount b : wrok\n",
		"rc:2:13: unknown account 'wrok' (did you mean 'work'?)"},
	    {"account work\naccount b : work,\n", "rc:2:18: unknown account ''"},
	    {"account a\naccount b\naccount a\n",
		"rc:3:9: there is an account 'a' already, in line 1 of 'rc'"},
	    {"account a\nport  x\n", "rc:2:7: 'x' is not a port from 1 to 65535"},
	    {"account a\nport \"70000\"\n", "rc:2:7: '70000' is not a port from 1 to 65535"},
	    {"account a\nuser x\x01\n", "rc:2:7: a control byte (0x01) in a text file"},
	    {"account a\nuser x\ty\n", "rc:2:6: the value of 'user' holds a control byte"},
	    {"eval\n", "rc:1:5: 'eval' needs a command"},
	    {"eval echo hots h\n", "rc:1:1: unknown keyword 'hots' (did you mean 'host'?)"},
	    {"eval echo eval echo x\n",
		"rc:1:6: the command of an 'eval' has printed another 'eval'"},
	    {"account a\nkeepbcc maybe\n", "rc:2:9: 'maybe' is neither on nor off"},
	    {"include\n", "rc:1:8: 'include' needs a file"},
	    {"include nowhere\n", "rc:1:9: cannot open 'nowhere': No such file or directory"},
	    {"include rc\n", "rc:1:9: more than 64 files: do they include each other?"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct conf_accounts *set = NULL;
		struct err e = ERR_INIT;

		write_file("rc", 0600, cases[i].text);
		assert_int_equal(conf_accounts_load("rc", &set, &e), -1);
		assert_int_equal(e.ex, EX_CONFIG);
		assert_string_equal(e.msg, cases[i].message);
	}
}

static void
reads_what_an_eval_prints(void **state)
{
	struct buf out = BUF_INIT(4096);
	struct conf_accounts *set;

	(void)state;
	write_file("rc", 0644,
	    "account a\neval printf 'host h\\nport 1\\n'\neval echo password secret\n"
	    "eval true\neval echo account b : a\n");
	set = load("rc");
	describe(set, &out);
	assert_string_equal(
	    buf_text(&out), "a( host=h@rc:2 password=***@rc:3 )b( host=h@rc:2 password=***@rc:3 )");
	conf_accounts_free(set);
	buf_free(&out);
}

static void
warns_of_what_is_obsolete(void **state)
{
	struct buf out = BUF_INIT(4096);
	struct conf_accounts *set;

	(void)state;
	write_file("rc", 0600,
	    "account a\nkeepbcc\nadd_missing_from_header off\nauto_from on\n"
	    "tls_nocertcheck\nconnect_timeout 5\n");
	set = load("rc");
	describe(set, &out);
	assert_string_equal(buf_text(&out),
	    "a( tls_certcheck=off@rc:5 set_from_header=off@rc:3 remove_bcc_headers=off@rc:2 "
	    "timeout=5@rc:6 auto_from=on@rc:4 )");
	assert_string_equal(conf_accounts_warnings(set),
	    "rc:2: 'keepbcc' is obsolete: write 'remove_bcc_headers off'\n"
	    "rc:3: 'add_missing_from_header' is obsolete: write 'set_from_header off'\n"
	    "rc:4: 'auto_from' is obsolete: write 'from %U@DOMAIN'\n"
	    "rc:5: 'tls_nocertcheck' is obsolete: write 'tls_certcheck off'\n"
	    "rc:6: 'connect_timeout' is obsolete: write 'timeout 5'\n");
	conf_accounts_free(set);
	buf_free(&out);
}

static void
reads_includes_where_they_stand(void **state)
{
	struct buf out = BUF_INIT(4096);
	struct conf_accounts *set;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(file_make_folders("sub", 0700, &e), 0);
	write_file("rc", 0644, "account a\nhost h\ninclude sub/more\nport 1\n");
	write_file("sub/more", 0600, "password secret\ninclude most\n");
	write_file("sub/most", 0644, "account b : a\n");
	set = load("rc");
	describe(set, &out);
	assert_string_equal(buf_text(&out), "a( host=h@rc:2 password=***@sub/more:1 )"
					    "b( host=h@rc:2 port=1@rc:4 password=***@sub/more:1 )");
	conf_accounts_free(set);
	buf_free(&out);
	write_file("sub/most", 0644, "account b : c\n");
	assert_int_equal(conf_accounts_load("rc", &set, &e), -1);
	assert_string_equal(e.msg, "sub/most:1:13: unknown account 'c'");
}

static void
refuses_a_file_that_others_can_write(void **state)
{
	static const mode_t modes[] = {0602, 0666};

	(void)state;
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		struct conf_accounts *set = NULL;
		struct err e = ERR_INIT;

		write_file("rc", modes[i], "account a\n");
		assert_int_equal(chmod("rc", modes[i]), 0);
		assert_int_equal(conf_accounts_load("rc", &set, &e), -1);
		assert_int_equal(e.ex, EX_CONFIG);
		assert_string_equal(e.msg, "'rc' can be written by other users");
	}
}

static void
refuses_a_secret_that_others_can_read(void **state)
{
	static const struct {
		mode_t mode;
		const char *text;
		bool refused;
	} cases[] = {
	    {0600, "account a\npassword secret\n", false},
	    {0400, "account a\npassword secret\n", false},
	    {0640, "account a\npassword secret\n", true},
	    {0604, "account a\npassword secret\n", true},
	    {0620, "account a\npassword secret\n", true},
	    {0644, "account a\npassword\n", false},
	    {0644, "account a\npasswordeval cat secret\n", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct conf_accounts *set = NULL;
		struct err e = ERR_INIT;

		write_file("rc", cases[i].mode, cases[i].text);
		assert_int_equal(chmod("rc", cases[i].mode), 0);
		assert_int_equal(conf_accounts_load("rc", &set, &e), cases[i].refused ? -1 : 0);
		if (cases[i].refused) {
			assert_int_equal(e.ex, EX_CONFIG);
			assert_string_equal(e.msg, "'rc' holds a secret that other users can read");
			assert_non_null(strstr(e.hint, "chmod 600 'rc'"));
		}
		conf_accounts_free(set);
	}
}

static void
refuses_a_file_that_is_too_large(void **state)
{
	struct buf text = BUF_INIT(2 << 20);
	struct conf_accounts *set = NULL;
	struct err e = ERR_INIT;

	(void)state;
	while (text.len <= 1 << 20)
		buf_adds(&text, "# a comment, and another one, and so on\n");
	write_file("rc", 0600, buf_text(&text));
	assert_int_equal(conf_accounts_load("rc", &set, &e), -1);
	assert_int_equal(e.ex, EX_CONFIG);
	assert_string_equal(e.msg, "'rc' is larger than 1048576 bytes");
	buf_free(&text);
}

static void
a_file_of_msmtps_has_its_defaults(void **state)
{
	static const char text[] = "account a\nhost h\n\naccount b\nhost h\nauth on\nuser me\n";
	struct conf_accounts *set;
	struct err e = ERR_INIT;

	(void)state;
	write_file("msmtprc", 0600, text);
	set = load("msmtprc");
	assert_int_equal(conf_account_settle(conf_accounts_at(set, 0), &e), 0);
	assert_false(conf_accounts_at(set, 0)->tls);
	assert_int_equal(conf_accounts_at(set, 0)->port, 25);
	assert_int_equal(conf_account_settle(conf_accounts_at(set, 1), &e), -1);
	assert_string_equal(e.msg, "msmtprc:6: account 'b' would log in without TLS");
	conf_accounts_free(set);
}

static void
chooses_by_name_sender_and_default(void **state)
{
	static const char text[] = "account wild\nfrom *@example.org\n"
				   "account exact\nfrom other@x\nfrom me@example.org\n"
				   "account default\n";
	static const struct {
		const char *name, *sender, *chosen;
	} cases[] = {
	    {"wild", NULL, "wild"},
	    {"wild", "me@example.org", "wild"},
	    {NULL, "me@example.org", "exact"},
	    {NULL, "me+detail@Example.ORG", "exact"},
	    {NULL, "you@example.org", "wild"},
	    {NULL, "me@example.net", "default"},
	    {NULL, "<>", "default"},
	    {NULL, NULL, "default"},
	};
	struct conf_accounts *set;

	(void)state;
	write_file("rc", 0600, text);
	set = load("rc");
	assert_string_equal(conf_accounts_file(set), "rc");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct mail_address sender = {0};
		const struct conf_account *a;
		struct err e = ERR_INIT;

		if (cases[i].sender != NULL)
			assert_int_equal(
			    mail_address_parse(&sender, str_slice(cases[i].sender), &e), 0);
		a = conf_accounts_choose(
		    set, cases[i].name, cases[i].sender != NULL ? &sender : NULL, &e);
		assert_non_null(a);
		assert_string_equal(a->name, cases[i].chosen);
		mail_address_free(&sender);
	}
	conf_accounts_free(set);
}

static void
says_when_it_cannot_choose(void **state)
{
	struct mail_address sender = {0};
	struct conf_accounts *set;
	struct err e = ERR_INIT;

	(void)state;
	write_file("rc", 0600, "account one\naccount two\n");
	set = load("rc");
	assert_null(conf_accounts_choose(set, NULL, NULL, &e));
	assert_int_equal(e.ex, EX_CONFIG);
	assert_string_equal(e.msg, "rc: no account is called 'default'");
	assert_string_equal(e.hint, "choose one with -a: one, two");
	assert_int_equal(mail_address_parse(&sender, str_slice("a@b"), &e), 0);
	assert_null(conf_accounts_choose(set, NULL, &sender, &e));
	assert_string_equal(
	    e.msg, "rc: no account is called 'default', and none is for this sender");
	assert_null(conf_accounts_choose(set, "tow", NULL, &e));
	assert_string_equal(e.msg, "rc: unknown account 'tow' (did you mean 'two'?)");
	conf_accounts_free(set);
	mail_address_free(&sender);

	write_file("rc", 0600, "account one\n");
	set = load("rc");
	assert_ptr_equal(conf_accounts_choose(set, NULL, NULL, &e), conf_accounts_at(set, 0));
	conf_accounts_free(set);

	write_file("rc", 0600, "# nothing\n");
	set = load("rc");
	assert_null(conf_accounts_choose(set, NULL, NULL, &e));
	assert_string_equal(e.msg, "rc: there is no account in it");
	assert_string_equal(e.hint, "write one by 'imbuca setup ADDRESS'");
	conf_accounts_free(set);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    SCRATCH_TEST(reads_files),
	    SCRATCH_TEST(refuses_with_the_place),
	    SCRATCH_TEST(reads_what_an_eval_prints),
	    SCRATCH_TEST(warns_of_what_is_obsolete),
	    SCRATCH_TEST(reads_includes_where_they_stand),
	    SCRATCH_TEST(refuses_a_file_that_others_can_write),
	    SCRATCH_TEST(refuses_a_secret_that_others_can_read),
	    SCRATCH_TEST(refuses_a_file_that_is_too_large),
	    SCRATCH_TEST(a_file_of_msmtps_has_its_defaults),
	    SCRATCH_TEST(chooses_by_name_sender_and_default),
	    SCRATCH_TEST(says_when_it_cannot_choose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
