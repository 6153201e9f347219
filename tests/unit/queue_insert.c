/*
 * Units of queue/insert, queue/entry and queue/listing: what is put into a spool comes out of it;
 * one at a time works on it; what others have put there is left alone.
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

#include <fcntl.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/process.h"
#include "queue/entry.h"
#include "queue/insert.h"
#include "queue/listing.h"

#include "base/banned.h"

struct place {
	char path[64];
	struct queue_spool spool;
};

static int
set_up(void **state)
{
	struct place *place = calloc(1, sizeof *place);
	struct err e = ERR_INIT;

	assert_non_null(place);
	(void)snprintf(place->path, sizeof place->path, "/tmp/imbuca-unit-XXXXXX");
	assert_non_null(mkdtemp(place->path));
	assert_int_equal(queue_spool_make(place->path, &e), 0);
	assert_int_equal(queue_spool_open(&place->spool, place->path, &e), 0);
	*state = place;
	return 0;
}

static int
tear_down(void **state)
{
	struct place *place = *state;
	struct buf ignored = BUF_INIT(8192);
	char command[96];
	struct err e = ERR_INIT;

	queue_spool_close(&place->spool);
	(void)snprintf(command, sizeof command, "rm -rf '%s'", place->path);
	if (process_capture(command, deadline_in(10000), &ignored, &e) != 0)
		fail_msg("%s", e.msg);
	buf_free(&ignored);
	free(place);
	return 0;
}

static void
add_recipient(struct mail_envelope *envelope, const char *text)
{
	struct mail_address address = {NULL, NULL, NULL};
	struct err e = ERR_INIT;

	assert_int_equal(mail_address_parse(&address, str_slice(text), &e), 0);
	if (envelope->sender.local == NULL)
		assert_int_equal(mail_envelope_set_sender(envelope, &address, &e), 0);
	else
		assert_int_equal(mail_envelope_add(envelope, &address, &e), 1);
	mail_address_free(&address);
}

/* What the sender wants to be told of its second recipient. */
static void
add_reports(struct mail_envelope *envelope)
{
	envelope->ret = MAIL_DSN_RET_HDRS;
	(void)str_copy(envelope->envid, sizeof envelope->envid, str_slice("100% + 1"));
	envelope->recipients[1].notify = MAIL_DSN_FAILURE | MAIL_DSN_DELAY;
	envelope->recipients[1].orcpt = strdup("rfc822;you+x@example.net");
	assert_non_null(envelope->recipients[1].orcpt);
}

/* Puts a message into the spool; its name into ID. */
static void
insert(struct place *place, const char *content, const struct queue_event *event, char *id)
{
	char account[] = "work%\nsender: x";
	struct queue_envelope envelope = {.account = account, .time = 1764062581};
	struct queue_insert in;
	struct err e = ERR_INIT;

	add_recipient(&envelope.mail, "me@example.org");
	add_recipient(&envelope.mail, "\"a % b\"@example.net");
	add_recipient(&envelope.mail, "you@example.net");
	add_reports(&envelope.mail);
	assert_int_equal(queue_insert_open(&in, &place->spool, &envelope, &e), 0);
	assert_int_equal(queue_insert_write(&in, str_slice(content), &e), 0);
	if (event != NULL)
		queue_insert_event(&in, event);
	assert_int_equal(queue_insert_commit(&in, &e), 0);
	(void)str_copy(id, QUEUE_ID_SIZE, str_slice(in.id));
	queue_insert_close(&in);
	mail_envelope_free(&envelope.mail);
}

static int
open_ready(struct place *place, const char *id, bool lock, struct queue_entry *entry, struct err *e)
{
	int rc = queue_entry_open(entry, &place->spool, QUEUE_SPOOL_READY, id, e);

	if (rc == QUEUE_ENTRY_OPEN && lock && (rc = queue_entry_lock(entry, e)) != QUEUE_ENTRY_OPEN)
		queue_entry_close(entry);
	return rc;
}

static size_t
count_ready(struct place *place)
{
	struct queue_listing listing;
	struct err e = ERR_INIT;
	size_t count;

	assert_int_equal(queue_listing_read(&listing, &place->spool, QUEUE_SPOOL_READY, &e), 0);
	count = listing.count;
	queue_listing_free(&listing);
	return count;
}

static void
gives_back_what_was_put_in(void **state)
{
	struct place *place = *state;
	char id[QUEUE_ID_SIZE], content[64] = "";
	struct queue_entry entry;
	struct err e = ERR_INIT;

	insert(place, "Subject: x\r\n\r\nbody\r\n", NULL, id);
	assert_int_equal(open_ready(place, id, true, &entry, &e), QUEUE_ENTRY_OPEN);
	assert_string_equal(entry.envelope.account, "work%\nsender: x");
	assert_string_equal(entry.envelope.mail.sender.local, "me");
	assert_int_equal(entry.envelope.mail.count, 2);
	assert_string_equal(entry.envelope.mail.recipients[0].address.local, "a % b");
	assert_int_equal(entry.envelope.mail.ret, MAIL_DSN_RET_HDRS);
	assert_string_equal(entry.envelope.mail.envid, "100% + 1");
	assert_int_equal(entry.envelope.mail.recipients[0].notify, 0);
	assert_null(entry.envelope.mail.recipients[0].orcpt);
	assert_int_equal(
	    entry.envelope.mail.recipients[1].notify, MAIL_DSN_FAILURE | MAIL_DSN_DELAY);
	assert_string_equal(entry.envelope.mail.recipients[1].orcpt, "rfc822;you+x@example.net");
	assert_int_equal(entry.envelope.time, 1764062581);
	assert_int_equal(entry.history.attempts, 0);
	assert_int_equal(queue_entry_check(&entry, &e), 0);
	assert_int_equal(read(entry.fd, content, sizeof content - 1), entry.size);
	assert_string_equal(content, "Subject: x\r\n\r\nbody\r\n");
	queue_entry_close(&entry);
}

static void
keeps_nothing_of_what_was_not_committed(void **state)
{
	struct place *place = *state;
	char account[] = "a";
	struct queue_envelope envelope = {.account = account, .time = 1};
	struct queue_insert in;
	struct err e = ERR_INIT;

	add_recipient(&envelope.mail, "me@example.org");
	add_recipient(&envelope.mail, "you@example.net");
	assert_int_equal(queue_insert_open(&in, &place->spool, &envelope, &e), 0);
	assert_int_equal(queue_insert_write(&in, str_slice("x"), &e), 0);
	queue_insert_close(&in);
	mail_envelope_free(&envelope.mail);
	assert_int_equal(count_ready(place), 0);
}

static void
lets_one_work_at_a_time(void **state)
{
	struct place *place = *state;
	char id[QUEUE_ID_SIZE];
	struct queue_entry entry, other;
	struct err e = ERR_INIT;

	insert(place, "x", NULL, id);
	assert_int_equal(open_ready(place, id, true, &entry, &e), QUEUE_ENTRY_OPEN);
	assert_int_equal(open_ready(place, id, true, &other, &e), QUEUE_ENTRY_BUSY);
	assert_int_equal(open_ready(place, id, false, &other, &e), QUEUE_ENTRY_OPEN);
	queue_entry_close(&other);
	assert_int_equal(queue_entry_remove(&entry, &e), 0);
	queue_entry_close(&entry);
	assert_int_equal(open_ready(place, id, true, &other, &e), QUEUE_ENTRY_GONE);
	assert_int_equal(count_ready(place), 0);
}

static void
remembers_what_happened(void **state)
{
	struct place *place = *state;
	const struct queue_event first = {.kind = QUEUE_EVENT_DEFERRED,
	    .time = 1,
	    .last = 1,
	    .code = 450,
	    .text = STR_LITERAL("later")};
	const struct queue_event second = {.kind = QUEUE_EVENT_SENT, .time = 2, .code = 250};
	char id[QUEUE_ID_SIZE], name[96];
	struct queue_entry entry;
	struct err e = ERR_INIT;
	int fd;

	insert(place, "x", &first, id);
	(void)snprintf(name, sizeof name, "%s/ready/%s.log", place->path, id);
	fd = open(name, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "torn", 4), 4);
	(void)close(fd);
	assert_int_equal(open_ready(place, id, true, &entry, &e), QUEUE_ENTRY_OPEN);
	assert_int_equal(queue_entry_append(&entry, &second, 1, &e), 0);
	assert_int_equal(queue_entry_reload(&entry, &e), 0);
	assert_int_equal(entry.history.recipients[0].state, QUEUE_STATE_SENT);
	assert_int_equal(entry.history.recipients[1].state, QUEUE_STATE_WAITING);
	assert_int_equal(entry.history.recipients[1].last.code, 450);
	assert_int_equal(queue_entry_move(&entry, QUEUE_SPOOL_HELD, &e), 0);
	queue_entry_close(&entry);
	assert_int_equal(count_ready(place), 0);
	assert_int_equal(queue_entry_open(&entry, &place->spool, QUEUE_SPOOL_HELD, id, &e), 1);
	assert_int_equal(entry.history.recipients[0].state, QUEUE_STATE_SENT);
	queue_entry_close(&entry);
}

/* Puts COUNT bytes of WHAT at byte AT into the file of ID, whose journal it is no business of. */
static void
damage(struct place *place, const char *id, const char *what, off_t at)
{
	char name[96];
	int fd;

	(void)snprintf(name, sizeof name, "%s/ready/%s", place->path, id);
	fd = open(name, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, what, strlen(what), at), (ssize_t)strlen(what));
	(void)close(fd);
}

static void
leaves_alone_what_is_no_message(void **state)
{
	struct place *place = *state;
	char id[QUEUE_ID_SIZE], from[96], to[96];
	struct queue_entry entry;
	struct err e = ERR_INIT;

	insert(place, "x", NULL, id);
	damage(place, id, "IMBUCA", 0);
	assert_int_equal(open_ready(place, id, true, &entry, &e), -1);
	assert_int_equal(e.ex, EX_DATAERR);

	insert(place, "x", NULL, id);
	damage(place, id, "uid: no", QUEUE_ENVELOPE_FIRST);
	assert_int_equal(open_ready(place, id, true, &entry, &e), -1);
	assert_int_equal(e.ex, EX_DATAERR);

	insert(place, "content", NULL, id);
	(void)snprintf(from, sizeof from, "%s/ready/%s", place->path, id);
	(void)snprintf(to, sizeof to, "%s/ready/zzzzzzzzzzzzzz", place->path);
	assert_int_equal(symlink(from, to), 0);
	assert_int_equal(open_ready(place, "zzzzzzzzzzzzzz", true, &entry, &e), -1);
	assert_int_equal(e.ex, EX_DATAERR);
	assert_int_equal(truncate(from, QUEUE_ENVELOPE_FIRST + 200), 0);
	assert_int_equal(open_ready(place, id, true, &entry, &e), -1);
	assert_int_equal(open_ready(place, "../../etc/pass", true, &entry, &e), -1);
	assert_int_equal(count_ready(place), 4);
}

static void
notices_a_changed_content(void **state)
{
	struct place *place = *state;
	char id[QUEUE_ID_SIZE];
	struct queue_entry entry;
	struct stat st;
	char name[96];
	struct err e = ERR_INIT;

	insert(place, "content", NULL, id);
	(void)snprintf(name, sizeof name, "%s/ready/%s", place->path, id);
	assert_int_equal(stat(name, &st), 0);
	damage(place, id, "C", st.st_size - 7);
	assert_int_equal(open_ready(place, id, true, &entry, &e), QUEUE_ENTRY_OPEN);
	assert_int_equal(queue_entry_check(&entry, &e), -1);
	assert_int_equal(e.ex, EX_DATAERR);
	queue_entry_close(&entry);
}

static void
opens_no_spool_that_others_can_read(void **state)
{
	struct place *place = *state;
	struct queue_spool spool;
	struct err e = ERR_INIT;

	assert_int_equal(chmod(place->path, 0711), 0);
	assert_int_equal(queue_spool_open(&spool, place->path, &e), -1);
	assert_int_equal(e.ex, EX_NOPERM);
	assert_int_equal(queue_spool_open(&spool, "/nonexistent", &e), -1);
	assert_int_equal(e.ex, EX_CANTCREAT);
	assert_int_equal(queue_spool_exists("/nonexistent", &e), 0);
	assert_int_equal(queue_spool_exists("/dev/null", &e), -1);
	assert_int_equal(queue_spool_exists(place->path, &e), 1);
}

static void
drops_what_was_kept_long_enough(void **state)
{
	struct place *place = *state;
	char id[QUEUE_ID_SIZE];

	insert(place, "Subject: x\n\nbody\n", NULL, id);
	queue_listing_expire(&place->spool, QUEUE_SPOOL_READY, 60);
	assert_int_equal(count_ready(place), 1);
	queue_listing_expire(&place->spool, QUEUE_SPOOL_HELD, 0);
	assert_int_equal(count_ready(place), 1);
	queue_listing_expire(&place->spool, QUEUE_SPOOL_READY, 0);
	assert_int_equal(count_ready(place), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(gives_back_what_was_put_in, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		keeps_nothing_of_what_was_not_committed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(lets_one_work_at_a_time, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(remembers_what_happened, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(leaves_alone_what_is_no_message, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(notices_a_changed_content, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(drops_what_was_kept_long_enough, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(opens_no_spool_that_others_can_read, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
