/*
 * flush: see flush.h. Here the queue is read, and a process begun for each connection; what those
 * do is in submit/work.
 */
#include <config.h>

#include <sys/mman.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/deadline.h"
#include "conf/pace.h"
#include "queue/listing.h"
#include "queue/standing.h"
#include "submit/flush.h"
#include "submit/tell.h"
#include "submit/work.h"

#include "base/banned.h"

enum {
	GROUPS = 64,	   /* accounts at once; the others come behind them */
	ROUNDS = 100,	   /* through the queue in one run */
	LOOK_EVERY = 64,   /* messages between looks at what the processes say */
	BUSY_WAIT = 100,   /* milliseconds between looks at an account that another run serves */
	BUSY_MOST = 60000, /* milliseconds */
};

/* The messages of one account. */
struct group {
	char *name, *accounts;
	struct submit_work_shared *shared; /* NULL once its turn is over */
	struct queue_standing standing;	   /* its lock is what it is for */
};

struct run {
	struct submit_flush *flush;
	struct queue_listing listing;
	struct group *groups; /* of this round; from `first` those whose turn it is */
	size_t count, first;

	/* Messages: where this turn begins, and the first of an account that was one too many. */
	char begin[QUEUE_ID_SIZE], left[QUEUE_ID_SIZE];

	int notes[2];	/* a pipe: what the processes say */
	size_t at_work; /* processes */
	size_t events;	/* in this round: what has become of messages */
	bool stopped;	/* what becomes of messages can't be written down */
};

static bool
contains(const struct mail_address *address, const char *text)
{
	struct buf written = BUF_INIT(4096);
	bool found;

	mail_address_write(&written, address);
	found = strcasestr(buf_text(&written), text) != NULL;
	buf_free(&written);
	return found;
}

bool
submit_flush_wants(const struct submit_flush *flush, const struct queue_entry *entry)
{
	const struct mail_envelope *mail = &entry->envelope.mail;
	bool found = flush->recipient == NULL;

	if (flush->id != NULL && strcmp(flush->id, entry->id) != 0)
		return false;
	if (flush->sender != NULL && !contains(&mail->sender, flush->sender))
		return false;
	for (size_t i = 0; !found && i < mail->count; i++)
		found = contains(&mail->recipients[i].address, flush->recipient);
	return found;
}

/* --- what the processes say --- */

static void
take_note(struct run *run, const struct submit_work_note *note)
{
	struct submit_flush *flush = run->flush;

	if (note->kind == 'e') {
		flush->report(flush->context, &note->error);
		return;
	}
	if (note->kind == 's') {
		run->stopped = true;
		return;
	}
	run->events++;
	flush->counts[note->fate]++;
	if (flush->progress != NULL)
		flush->progress(flush->context, flush);
}

/* Reads the notes that have come, or waits for the next one. False at the end of all processes. */
static bool
listen_to_all(struct run *run, bool wait)
{
	struct pollfd ready = {run->notes[0], POLLIN, 0};
	struct submit_work_note note;

	while (poll(&ready, 1, wait ? -1 : 0) == 1) {
		ssize_t n = read(run->notes[0], &note, sizeof note);

		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof note)
			return false;
		take_note(run, &note);
	}
	return true;
}

/* --- processes --- */

static int
no_memory(struct err *e)
{
	return err_set(e, EX_TEMPFAIL, "no memory for the queue's runner");
}

/* Begins a process for GROUP, whose account is ACCOUNT. */
static int
begin(struct run *run, struct group *group, const struct conf_account *account, struct err *e)
{
	struct submit_work work = {
	    .flush = run->flush,
	    .listing = &run->listing,
	    .account = account,
	    .name = group->name,
	    .accounts = group->accounts,
	    .shared = group->shared,
	    .notes = run->notes[1],
	};
	pid_t pid = fork();

	if (pid < 0)
		return err_set_errno(
		    e, EX_TEMPFAIL, errno, "cannot make a process for the queue's runner");
	if (pid > 0) {
		run->at_work++;
		return 0;
	}
	(void)close(run->notes[0]);
	submit_work(&work);
	_exit(0);
}

/* When the rate of ACCOUNT lets the next message of GROUP go, by deadline_now: as an earlier run
 * has noted it, and no later than the rate says. */
static int64_t
due_by_rate(const struct group *group, const struct conf_account *account)
{
	int64_t interval = conf_pace_interval(account->rate);
	int64_t left = (group->standing.paced - time(NULL)) * 1000;

	return deadline_now() + (left < interval ? left : interval);
}

/* Begins all processes of GROUP. */
static int
begin_all(struct run *run, struct group *group, struct err *e)
{
	const struct conf_account *account;
	struct submit_flush *flush = run->flush;

	if (flush->find(flush->context, group->name, group->accounts, &account, e) != 0) {
		(void)err_prefix(e, "queued mail waits for the account '%s'", group->name);
		flush->report(flush->context, e);
		return 0;
	}
	group->shared->rate_due = due_by_rate(group, account);
	group->shared->undecided = conf_account_connections(account);
	for (size_t i = 0; i < conf_account_connections(account); i++) {
		if (begin(run, group, account, e) != 0)
			return -1;
	}
	return 0;
}

static bool
is_same(const struct group *group, const struct queue_envelope *envelope)
{
	return str_same(group->name, envelope->account) &&
	       str_same(group->accounts, envelope->accounts);
}

/* Makes a group of ENTRY's account, which is the first of it at INDEX in the listing. */
static int
add_group(struct run *run, const struct queue_entry *entry, size_t index, struct err *e)
{
	struct group *grown = array_grow(run->groups, run->count, sizeof *grown), *g;
	int rc;

	if (grown == NULL)
		return no_memory(e);
	run->groups = grown;
	g = &grown[run->count++];
	*g = (struct group){.standing = {.fd = -1}, .name = strdup(entry->envelope.account)};
	if (entry->envelope.accounts != NULL)
		g->accounts = strdup(entry->envelope.accounts);
	g->shared = mmap(
	    NULL, sizeof *g->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (g->shared == MAP_FAILED)
		g->shared = NULL;
	if (g->shared == NULL || g->name == NULL ||
	    (g->accounts == NULL) != (entry->envelope.accounts == NULL))
		return no_memory(e);
	g->shared->next = index;
	rc = queue_standing_open(&g->standing, run->flush->spool, g->name, g->accounts, true, e);
	if (rc == 0)
		run->flush->busy++;
	if (rc < 0)
		run->flush->report(run->flush->context, e); /* it waits, and no other account */
	return rc == 1 ? begin_all(run, g, e) : 0;
}

/* Ends the turn of those whose it is. They are remembered: a round is one turn for each. */
static void
end_turn(struct run *run)
{
	for (; run->first < run->count; run->first++) {
		struct group *g = &run->groups[run->first];

		if (g->shared != NULL)
			(void)munmap(g->shared, sizeof *g->shared);
		g->shared = NULL;
		queue_standing_close(&g->standing);
	}
}

static void
free_groups(struct run *run)
{
	for (size_t i = 0; i < run->count; i++) {
		free(run->groups[i].name);
		free(run->groups[i].accounts);
	}
	free(run->groups);
	run->groups = NULL;
	run->count = run->first = 0;
}

/* --- the queue --- */

/* Looks at the message at INDEX of the listing. */
static int
look_at(struct run *run, size_t index, struct err *e)
{
	struct queue_entry entry;
	int rc = queue_entry_open(
	    &entry, run->flush->spool, QUEUE_SPOOL_READY, run->listing.ids[index], e);
	size_t i = 0;

	if (rc < 0)
		run->flush->report(run->flush->context, e);
	if (rc != QUEUE_ENTRY_OPEN)
		return 0;
	rc = 0;
	if (submit_flush_wants(run->flush, &entry)) {
		while (i < run->count && !is_same(&run->groups[i], &entry.envelope))
			i++;
		if (i == run->count && run->count - run->first < GROUPS)
			rc = add_group(run, &entry, index, e);
		else if (i == run->count && run->left[0] == '\0')
			(void)str_copy(run->left, sizeof run->left, str_slice(entry.id));
	}
	queue_entry_close(&entry);
	return rc;
}

/* Gives a turn to as many accounts as may have one at once. */
static int
take_turn(struct run *run, struct err *e)
{
	int rc;

	if (pipe2(run->notes, O_CLOEXEC) != 0)
		return err_set_errno(
		    e, EX_TEMPFAIL, errno, "cannot make a pipe for the queue's runner");
	rc = queue_listing_read(&run->listing, run->flush->spool, QUEUE_SPOOL_READY, e);
	run->flush->total = run->listing.count;
	for (size_t i = 0; rc == 0 && i < run->listing.count; i++) {
		if (strcmp(run->listing.ids[i], run->begin) >= 0)
			rc = look_at(run, i, e);
		if (i % LOOK_EVERY == 0)
			(void)listen_to_all(run, false);
	}
	(void)close(run->notes[1]);
	while (listen_to_all(run, true))
		;
	(void)close(run->notes[0]);
	for (; run->at_work > 0; run->at_work--)
		(void)waitpid(-1, NULL, 0);
	end_turn(run);
	queue_listing_free(&run->listing);
	return rc;
}

/* Goes through the queue once. */
static int
go_through(struct run *run, struct err *e)
{
	int rc = 0;

	run->events = run->flush->busy = 0;
	run->left[0] = '\0';
	do {
		memcpy(run->begin, run->left, sizeof run->begin);
		run->left[0] = '\0';
		rc = take_turn(run, e);
	} while (rc == 0 && !run->stopped && run->left[0] != '\0');
	free_groups(run);
	return rc;
}

/* A certain message is wanted, and another run serves its account: that may not look at it. */
static bool
waits_for_another(const struct run *run, struct deadline end)
{
	if (run->flush->id == NULL || run->flush->busy == 0 || deadline_over(end))
		return false;
	deadline_nap(BUSY_WAIT);
	return true;
}

int
submit_flush_run(struct submit_flush *flush, struct err *e)
{
	struct run *run = calloc(1, sizeof *run);
	struct deadline end = deadline_in(BUSY_MOST);
	int rc;

	if (run == NULL)
		return no_memory(e);
	run->flush = flush;
	flush->began = time(NULL);
	queue_listing_sweep(flush->spool, QUEUE_SPOOL_READY);
	queue_listing_expire(flush->spool, QUEUE_SPOOL_FAILED, SUBMIT_TELL_KEEPS);
	do
		rc = go_through(run, e);
	while (rc == 0 && waits_for_another(run, end));
	/* What came meanwhile, or is to be tried again at once. */
	flush->now = false;
	for (int i = 1; rc == 0 && run->events > 0 && !run->stopped && i < ROUNDS; i++)
		rc = go_through(run, e);
	free(run);
	return rc;
}
