/*
 * Units of net/resume: a session is found once, by whom it was kept for, and by nobody else; what
 * may not be one is none.
 */
#include <config.h>

#include <sys/stat.h>

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "net/connect.h"
#include "net/resume.h"
#include "net/tls.h"
#include "scratch.h"

#include "base/banned.h"

#define SESSION "a session\n1\n\n"
#define FOLDER	".cache/imbuca/tls"

enum { HOUR = 60 * 60 };

static const struct net_connect_params destination = {.host = "mail.example.org", .port = 465};

static char pin[] = "spki:0000", other_pin[] = "spki:0001";
static char *pins[] = {pin, other_pin};

/* Whom sessions are kept for, where a test says nothing else. */
static const struct net_tls_params ours = {
    .host = "mail.example.org",
    .trust_file = "trust",
    .crl_file = "crl",
    .verify = true,
    .certificate_file = "certificate",
    .key_file = "key",
    .destination = &destination,
};

static void
write_file(const char *name, mode_t mode, struct slice text)
{
	struct err e = ERR_INIT;

	assert_int_equal(file_replace(name, mode, text, &e), 0);
}

static int
set_up(void **state)
{
	static const char *const names[] = {"trust", "crl", "certificate", "key", "policy"};

	(void)scratch_set_up(state);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		write_file(names[i], 0600, str_slice("1"));
	return 0;
}

static void
keep(const struct net_tls_params *params, int64_t seconds)
{
	struct net_resume *r = net_resume_new(params, "1.0", "policy");

	assert_non_null(r);
	net_resume_keep(r, str_slice(SESSION), (int64_t)time(NULL) + seconds);
	net_resume_free(r);
}

/* How long the session that is found may be kept, in seconds; -1 where none is found. */
static int64_t
take(const struct net_tls_params *params, const char *library)
{
	struct net_resume *r = net_resume_new(params, library, "policy");
	struct buf session = BUF_INIT(NET_RESUME_MAX);
	int64_t until = 0;
	bool found;

	assert_non_null(r);
	found = net_resume_take(r, &session, &until);
	assert_string_equal(buf_text(&session), found ? SESSION : "");
	buf_wipe(&session);
	net_resume_free(r);
	return found ? until - (int64_t)time(NULL) : -1;
}

/* The name of the file in the folder of sessions, of which there must be COUNT. */
static const char *
only_file(int count)
{
	static char name[512];
	struct dirent *entry;
	DIR *dir = opendir(FOLDER);
	int found = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(name, sizeof name, FOLDER "/%s", entry->d_name);
		found++;
	}
	(void)closedir(dir);
	assert_int_equal(found, count);
	return name;
}

static void
is_found_once(void **state)
{
	int64_t left;

	(void)state;
	assert_int_equal(take(&ours, "1.0"), -1);
	keep(&ours, HOUR);
	left = take(&ours, "1.0");
	assert_in_range(left, HOUR - 60, HOUR);
	assert_int_equal(take(&ours, "1.0"), -1);
	(void)only_file(0);
}

static void
is_private(void **state)
{
	struct stat st;

	(void)state;
	(void)umask(0);
	keep(&ours, HOUR);
	assert_int_equal(stat(FOLDER, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(only_file(1), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void
is_kept_for_a_day_at_most(void **state)
{
	int64_t left;

	(void)state;
	keep(&ours, 100 * HOUR);
	left = take(&ours, "1.0");
	assert_in_range(left, NET_RESUME_SECONDS - 60, NET_RESUME_SECONDS);
	keep(&ours, -1);
	assert_int_equal(take(&ours, "1.0"), -1);
	(void)only_file(0);
}

/* Kept for ours, looked for by somebody who differs in one thing. */
static void
is_for_the_same_settings_alone(void **state)
{
	static const struct net_connect_params other_host = {.host = "other.example", .port = 465},
					       other_port = {.host = "mail.example.org",
						   .port = 587},
					       other_socket = {.host = "mail.example.org",
						   .port = 465,
						   .socket = "/run/s"};
	struct net_tls_params others[] = {
	    ours, ours, ours, ours, ours, ours, ours, ours, ours, ours, ours};

	(void)state;
	others[0].destination = &other_host;
	others[1].destination = &other_port;
	others[2].destination = &other_socket;
	others[3].host = "other.example";
	others[4].trust_file = "crl";
	others[5].crl_file = NULL;
	others[6].certificate_file = "key";
	others[7].key_file = "certificate";
	others[8].priorities = "NORMAL";
	others[9].fingerprints = pins;
	others[9].fingerprint_count = 1;
	others[10].fingerprints = pins;
	others[10].fingerprint_count = 2;
	keep(&ours, HOUR);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		if (take(&others[i], "1.0") != -1)
			fail_msg("found by the one with the number %zu", i);
	}
	keep(&others[10], HOUR);
	assert_int_equal(take(&others[9], "1.0"), -1);
	assert_in_range(take(&others[10], "1.0"), HOUR - 60, HOUR);
	assert_in_range(take(&ours, "1.0"), HOUR - 60, HOUR);
}

static void
is_gone_when_a_file_changes(void **state)
{
	static const char *const names[] = {"trust", "crl", "certificate", "key", "policy"};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		keep(&ours, HOUR);
		write_file(names[i], 0600, str_slice("2"));
		assert_int_equal(take(&ours, "1.0"), -1);
	}
	keep(&ours, HOUR);
	assert_int_equal(take(&ours, "1.1"), -1);
	keep(&ours, HOUR);
	assert_int_equal(unlink("crl"), 0);
	assert_int_equal(take(&ours, "1.0"), -1);
	(void)only_file(0);
}

static void
is_none_where_others_may_have_written_it(void **state)
{
	char moved[512];

	(void)state;
	keep(&ours, HOUR);
	assert_int_equal(chmod(only_file(1), 0640), 0);
	assert_int_equal(take(&ours, "1.0"), -1);

	keep(&ours, HOUR);
	assert_int_equal(chmod(FOLDER, 0750), 0);
	assert_int_equal(take(&ours, "1.0"), -1);
	keep(&ours, HOUR);
	assert_int_equal(chmod(FOLDER, 0700), 0);

	keep(&ours, HOUR);
	(void)snprintf(moved, sizeof moved, "%s", only_file(1));
	assert_int_equal(rename(moved, "moved"), 0);
	assert_int_equal(symlink("../../../moved", moved), 0);
	assert_int_equal(take(&ours, "1.0"), -1);
	assert_int_equal(unlink(moved), 0);

	assert_int_equal(mkfifo(moved, 0600), 0);
	assert_int_equal(take(&ours, "1.0"), -1);
	assert_int_equal(unlink(moved), 0);

	assert_int_equal(rename("moved", moved), 0);
	assert_in_range(take(&ours, "1.0"), HOUR - 60, HOUR);
	if (geteuid() == 0) {
		keep(&ours, HOUR);
		assert_int_equal(chown(only_file(1), 65534, 65534), 0);
		assert_int_equal(take(&ours, "1.0"), -1);
	}
}

static void
is_not_kept_in_a_folder_of_somebody_else(void **state)
{
	(void)state;
	assert_int_equal(mkdir("real", 0700), 0);
	assert_int_equal(file_make_folders(".cache/imbuca", 0700, &(struct err)ERR_INIT), 0);
	assert_int_equal(symlink("../../real", FOLDER), 0);
	keep(&ours, HOUR);
	assert_int_equal(rmdir("real"), 0);
	assert_int_equal(unlink(FOLDER), 0);
	if (geteuid() != 0)
		return;
	assert_int_equal(chown(".cache/imbuca", 65534, 65534), 0);
	keep(&ours, HOUR);
	assert_int_equal(access(FOLDER, F_OK), -1);
}

/* Every file that is a byte too short, or has a bit turned. */
static void
is_none_where_it_is_not_whole(void **state)
{
	struct buf whole = BUF_INIT(1024), large = BUF_INIT(1 << 20);
	struct err e = ERR_INIT;
	char name[512];

	(void)state;
	keep(&ours, HOUR);
	(void)snprintf(name, sizeof name, "%s", only_file(1));
	assert_int_equal(file_read(name, &whole, &e), 0);
	for (size_t i = 0; i < whole.len; i++) {
		write_file(name, 0600, (struct slice){whole.data, i});
		assert_int_equal(take(&ours, "1.0"), -1);
		whole.data[i] ^= 1;
		write_file(name, 0600, buf_slice(&whole));
		assert_int_equal(take(&ours, "1.0"), -1);
		whole.data[i] ^= 1;
	}
	for (size_t i = 0; i < 300000; i++)
		buf_addc(&large, 'x');
	write_file(name, 0600, buf_slice(&large));
	assert_int_equal(take(&ours, "1.0"), -1);
	write_file(name, 0600, buf_slice(&whole));
	assert_in_range(take(&ours, "1.0"), HOUR - 60, HOUR);
	buf_free(&whole);
	buf_free(&large);
}

static void
is_not_kept_for_whom_nothing_is_verified(void **state)
{
	struct net_tls_params params = ours;

	(void)state;
	params.verify = false;
	assert_null(net_resume_new(&params, "1.0", NULL));
	params = ours;
	params.destination = NULL;
	assert_null(net_resume_new(&params, "1.0", NULL));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, scratch_tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(is_found_once),
	    TEST(is_private),
	    TEST(is_kept_for_a_day_at_most),
	    TEST(is_for_the_same_settings_alone),
	    TEST(is_gone_when_a_file_changes),
	    TEST(is_none_where_others_may_have_written_it),
	    TEST(is_not_kept_in_a_folder_of_somebody_else),
	    TEST(is_none_where_it_is_not_whole),
	    TEST(is_not_kept_for_whom_nothing_is_verified),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
