/*
 * work: see work.h.
 *
 * What was sent is unlinked at once, so that no other process sends it; the folder is synced every
 * tenth of a second, since a sync for each message would take longer than the message.
 */
#include <config.h>

#include <sys/stat.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/file.h"
#include "base/process.h"
#include "conf/pace.h"
#include "oauth/store.h"
#include "queue/standing.h"
#include "submit/attempt.h"
#include "submit/errand.h"
#include "submit/outcome.h"
#include "submit/record.h"
#include "submit/retry.h"
#include "submit/tell.h"
#include "submit/work.h"

#include "base/banned.h"

enum {
	SYNC_EVERY = 100,     /* milliseconds */
	COMMAND_WAIT = 60000, /* milliseconds */
	OUTPUT_MAX = 64 << 10,
	ROOM = 512,	       /* bytes, for what is written down of a recipient */
	DECISION_WAIT = 20,    /* milliseconds between looks at what the others can */
	DECISION_MOST = 60000, /* milliseconds */
	LOSSES = 3,	       /* connections lost with a message in a row: then it is the server */
};

struct worker {
	const struct submit_work *work;
	struct submit_session session;
	struct queue_standing standing;
	unsigned losses;
	bool unsynced;
	bool decided;	/* whether it can connect */
	bool serves;	/* it can */
	bool retired;	/* it is to end: others serve the account, or the runner has ended */
	bool warned;	/* that there is no room */
	int64_t synced; /* when, by deadline_now */
};

/* --- telling the runner --- */

static void
note(const struct worker *w, const struct submit_work_note *n)
{
	struct err ignored;

	(void)file_write(w->work->notes, "the runner", n, sizeof *n, &ignored);
}

static void
note_fate(const struct worker *w, enum submit_flush_fate fate)
{
	const struct submit_work_note n = {.kind = 'f', .fate = fate};

	note(w, &n);
}

static void
note_error(const struct worker *w, const struct err *e)
{
	const struct submit_work_note n = {.kind = 'e', .error = *e};

	note(w, &n);
}

/* What becomes of messages cannot be written down: this run sends no more, or it might do so twice.
 */
static void
stop(const struct worker *w)
{
	const struct submit_work_note n = {.kind = 's'};

	__atomic_store_n(&w->work->shared->failed, true, __ATOMIC_SEQ_CST);
	note(w, &n);
}

/* Has the runner ended? Waits for that so many milliseconds. */
static bool
is_alone(const struct worker *w, int wait)
{
	struct pollfd notes = {w->work->notes, 0, 0};

	return poll(&notes, 1, wait) > 0;
}

/* --- pace --- */

static void
pause_until(const struct worker *w, int64_t when)
{
	int64_t left;

	while ((left = when - deadline_now()) > 0 && !is_alone(w, left < 60000 ? (int)left : 60000))
		;
}

/* Waits for this process's turn, where the account has a rate. */
static void
await_turn(const struct worker *w)
{
	int64_t interval = conf_pace_interval(w->work->account->rate), *due, now, turn;

	if (interval == 0)
		return;
	due = &w->work->shared->rate_due;
	do {
		now = __atomic_load_n(due, __ATOMIC_SEQ_CST);
		turn = now > deadline_now() ? now : deadline_now();
	} while (!__atomic_compare_exchange_n(
	    due, &now, turn + interval, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	pause_until(w, turn);
}

/* Notes for the next run when the account's rate lets a message go again. */
static void
keep_pace(struct worker *w)
{
	int64_t left =
	    __atomic_load_n(&w->work->shared->rate_due, __ATOMIC_SEQ_CST) - deadline_now();
	struct err e;

	if (left > 0 &&
	    queue_standing_pace(&w->standing, time(NULL) + 1 + (left + 999) / 1000, &e) != 0)
		note_error(w, &e);
}

static void
sync_folder(struct worker *w, bool at_once)
{
	struct err e;

	if (!w->unsynced || (!at_once && deadline_now() - w->synced < SYNC_EVERY))
		return;
	if (queue_spool_sync(w->work->flush->spool, QUEUE_SPOOL_READY, &e) != 0)
		note_error(w, &e);
	w->unsynced = false;
	w->synced = deadline_now();
}

/* --- the account's processes among themselves --- */

/* Says to the others whether this one can connect. */
static void
decide(struct worker *w, bool can)
{
	struct submit_work_shared *shared = w->work->shared;

	if (can && !w->serves)
		__atomic_add_fetch(&shared->serving, 1, __ATOMIC_SEQ_CST);
	if (!can && w->serves)
		__atomic_sub_fetch(&shared->serving, 1, __ATOMIC_SEQ_CST);
	if (!w->decided)
		__atomic_sub_fetch(&shared->undecided, 1, __ATOMIC_SEQ_CST);
	w->decided = true;
	w->serves = can;
}

/* Can another connect? Then it is not the account that fails: the server allows fewer at once. */
static bool
others_serve(const struct worker *w)
{
	const struct submit_work_shared *shared = w->work->shared;
	struct deadline end = deadline_in(DECISION_MOST);

	while (__atomic_load_n(&shared->serving, __ATOMIC_SEQ_CST) == 0 &&
	       __atomic_load_n(&shared->undecided, __ATOMIC_SEQ_CST) > 0 && !deadline_over(end) &&
	       !is_alone(w, DECISION_WAIT))
		;
	return __atomic_load_n(&shared->serving, __ATOMIC_SEQ_CST) > 0;
}

/* --- one message --- */

/* Runs on_failure once the account has failed for queue_warning. */
static void
alarm_person(struct worker *w, const struct err *e)
{
	const struct conf_account *account = w->work->account;
	const struct queue_event told = {
	    .kind = QUEUE_EVENT_TOLD, .time = time(NULL), .first = 1, .word = "failure"};
	struct buf output = BUF_INIT(OUTPUT_MAX);
	struct err failure;

	if (account->on_failure == NULL || w->standing.told ||
	    told.time - w->standing.since < (int64_t)account->queue_warning)
		return;
	if (queue_standing_add(&w->standing, &told, &failure) != 0)
		note_error(w, &failure);
	(void)setenv("IMBUCA_ACCOUNT", w->work->name, 1);
	(void)setenv("IMBUCA_ERROR", e->msg, 1);
	if (process_capture(account->on_failure, deadline_in(COMMAND_WAIT), &output, &failure) !=
	    0) {
		(void)err_prefix(&failure, "on_failure");
		note_error(w, &failure);
	}
	buf_free(&output);
}

/* The account has failed: that is said once, whoever else of its processes finds it out. */
static void
delay_account(struct worker *w, const struct err *e)
{
	enum explain_retry retry = submit_retry_of_error(e);
	const struct queue_standing *s = &w->standing;
	struct queue_event event = {.kind = QUEUE_EVENT_NEXT, .time = time(NULL), .first = 1};
	struct err ignored;

	submit_session_close(&w->session);
	if (__atomic_exchange_n(&w->work->shared->failed, true, __ATOMIC_SEQ_CST))
		return;
	event.moment = submit_retry_next(retry, s->attempts + 1, s->end.word, event.time);
	(void)str_copy(event.word, sizeof event.word, str_slice(explain_retry_word(retry)));
	event.code = e->code;
	event.text = str_slice(e->msg);
	if (queue_standing_add(&w->standing, &event, &ignored) != 0)
		note_error(w, &ignored);
	alarm_person(w, e);
}

/* What ATTEMPT and E say of the account's server. */
static void
judge_account(struct worker *w, const struct submit_attempt *attempt, int rc, const struct err *e)
{
	struct err ignored;
	bool lost = rc != 0 && !submit_session_is_open(&w->session);

	w->losses = lost ? w->losses + 1 : 0;
	decide(w, !attempt->account);
	if (attempt->account && others_serve(w)) {
		w->retired = true;
	} else if (attempt->account || w->losses >= LOSSES) {
		delay_account(w, e);
		w->losses = 0;
	} else if (!lost && w->standing.attempts > 0 &&
		   queue_standing_clear(&w->standing, &ignored) != 0)
		note_error(w, &ignored);
}

/* Writes down what the attempt came to. Returns whether the message is done with. */
static bool
write_down(struct worker *w, struct queue_entry *entry, const struct submit_attempt *attempt)
{
	const struct queue_history *history = &entry->history;
	bool done = attempt->waiting == 0 && attempt->refused == 0 &&
		    queue_history_count(history, QUEUE_STATE_REFUSED) == 0 &&
		    !submit_tell_wants_success(entry);
	struct err e;

	if (done && queue_entry_remove(entry, &e) == 0) {
		w->unsynced = true;
		return true;
	}
	if (done)
		note_error(w, &e); /* it stays, and the journal says who has it */
	if (queue_entry_append(entry, attempt->events, attempt->count, &e) == 0 &&
	    queue_entry_reload(entry, &e) == 0)
		return done;
	note_error(w, &e);
	stop(w);
	return true;
}

/* Writes the line of the log, and says what went wrong. */
static void
record(const struct worker *w, const struct submit_send *send, int rc, const struct err *e)
{
	const char *program = w->work->flush->program;
	struct err warning;

	if (submit_record_write(program != NULL ? program : "imbuca", send, rc != 0, e, &warning) !=
	    0)
		note_error(w, &warning);
	if (send->unkept.ex != 0)
		note_error(w, &send->unkept);
	if (rc != 0)
		note_error(w, e);
}

/* Sends a message that is due, and perhaps says the beginning of NEXT. Returns whether it is done
 * with. */
static bool
send_errand(struct worker *w, struct submit_errand *errand, struct submit_errand *next)
{
	struct submit_send *send = &errand->send;
	const struct queue_history *history = &errand->entry.history;
	struct submit_attempt attempt;
	struct err e = ERR_INIT, failure;
	bool done = true;
	int rc;

	w->retired = is_alone(w, 0);
	if (w->retired)
		return true;
	send->next = next != NULL ? &next->send : NULL;
	rc = submit_send_over(send, &w->session, false, &e);
	if (submit_attempt_make(&attempt, send, rc, &e, errand->numbers, history->attempts,
		history->end.word, &failure) == 0) {
		judge_account(w, &attempt, rc, &e);
		done = write_down(w, &errand->entry, &attempt);
		note_fate(w, attempt.waiting + attempt.refused == 0 ? SUBMIT_FLUSH_SENT
								    : SUBMIT_FLUSH_DEFERRED);
		rc = submit_outcome_judge(send, rc, &e);
		record(w, send, rc, &e);
		submit_attempt_free(&attempt);
	} else
		note_error(w, &failure);
	return done;
}

/* --- the messages --- */

static bool
is_mine(const struct worker *w, const struct queue_entry *entry)
{
	return str_same(entry->envelope.account, w->work->name) &&
	       str_same(entry->envelope.accounts, w->work->accounts) &&
	       submit_flush_wants(w->work->flush, entry);
}

/*
 * Was the file that has the account changed since LAST, or its token (imbuca login)? Within a
 * second nobody can tell, so that it is tried once more, in another run; what was changed in the
 * future is not yet.
 */
static bool
is_mended(const struct worker *w, const struct queue_event *last, int64_t now)
{
	const struct conf_account *account = w->work->account;
	const struct oauth_client client = submit_login_client(account);
	int64_t changed = client.user != NULL ? oauth_store_time(&client) : 0;
	struct stat st;

	if (last->time >= w->work->flush->began)
		return false;
	if (changed >= last->time && changed <= now)
		return true;
	return account->origin.kind == CONF_ORIGIN_FILE && stat(account->origin.name, &st) == 0 &&
	       st.st_mtime >= last->time && st.st_mtime <= now;
}

/* Is it time for another attempt after LAST, which said MOMENT? What was said by a clock that was
 * ahead counts for nothing. */
static bool
is_past(const struct worker *w, const struct queue_event *last, int64_t moment, int64_t now)
{
	return moment <= now || last->time > now ||
	       (strcmp(last->word, "fix") == 0 && is_mended(w, last, now));
}

/* Is it time to send the message? */
static bool
is_due(const struct worker *w, const struct queue_entry *entry)
{
	int64_t now = time(NULL);

	if (queue_history_count(&entry->history, QUEUE_STATE_WAITING) == 0)
		return false;
	if (__atomic_load_n(&w->work->shared->failed, __ATOMIC_SEQ_CST))
		return false;
	return w->work->flush->now ||
	       (is_past(w, &entry->history.end, entry->history.next, now) &&
		   is_past(w, &w->standing.end, w->standing.end.moment, now));
}

/* Whose server brings reports to the sender of ENTRY; NULL where nobody says. */
static const struct conf_account *
reporter_of(const struct submit_work *work, const struct queue_entry *entry)
{
	const struct submit_flush *flush = work->flush;

	if (flush->reporter == NULL)
		return NULL;
	return flush->reporter(flush->context, &entry->envelope.mail.sender);
}

/* Tells the sender of a locked and checked message what he has to know, and ends it where it is
 * over. */
static void
tell(struct worker *w, struct queue_entry *entry)
{
	struct err e;
	int rc = submit_tell(entry, w->work->account, reporter_of(w->work, entry), time(NULL), &e);

	if (rc < 0)
		note_error(w, &e);
	else if (rc != SUBMIT_TELL_NOTHING)
		note_fate(w, rc == SUBMIT_TELL_ENDED ? SUBMIT_FLUSH_RETURNED : SUBMIT_FLUSH_TOLD);
}

/* Makes ERRAND what is sent. */
static int
make_errand(const struct submit_work *work, struct submit_errand *errand, struct err *e)
{
	const struct submit_flush *flush = work->flush;

	if (submit_errand_make(errand, work->account, flush->transcript, e) != 0)
		return -1;
	if (flush->adapt == NULL)
		return 0;
	return flush->adapt(flush->context, work->account, errand->message, &errand->envelope, e);
}

/* Is there anything to do for ENTRY now? */
static bool
wants_work(const struct worker *w, const struct queue_entry *entry)
{
	return is_mine(w, entry) &&
	       (is_due(w, entry) || submit_tell_is_due(entry, w->work->account, time(NULL)));
}

/*
 * Can what becomes of ENTRY, which is locked, be written down? A message for one needs no room for
 * that: it goes, or is tried again. Of several, who has it must be known.
 */
static bool
can_note(struct worker *w, struct queue_entry *entry)
{
	size_t waiting = queue_history_count(&entry->history, QUEUE_STATE_WAITING);
	struct err e;

	if (queue_spool_check(w->work->flush->spool, &e) == 0 &&
	    (waiting == 1 || queue_entry_reserve(entry, (1 + waiting) * ROOM, &e) == 0))
		return true;
	if (!w->warned)
		note_error(w, &e);
	w->warned = true;
	return false;
}

/* Makes the locked message of ERRAND one to send, where it is one. Of another tells what there is
 * to tell. */
static bool
take(struct worker *w, struct submit_errand *errand)
{
	struct queue_entry *entry = &errand->entry;
	struct err e;

	if (queue_entry_check(entry, &e) != 0) {
		note_error(w, &e);
		return false;
	}
	if (is_due(w, entry) && can_note(w, entry)) {
		if (make_errand(w->work, errand, &e) == 0)
			return true;
		note_error(w, &e);
	}
	tell(w, entry);
	return false;
}

/* Locks the message ID, and takes it as ERRAND where there is something to do for it. */
static bool
look_at(struct worker *w, const char *id, struct submit_errand *errand)
{
	struct queue_entry *entry = &errand->entry;
	struct err e;

	*errand = (struct submit_errand){.numbers = NULL};
	if (queue_entry_open(entry, w->work->flush->spool, QUEUE_SPOOL_READY, id, &e) !=
	    QUEUE_ENTRY_OPEN)
		return false;
	if (wants_work(w, entry)) {
		if (is_due(w, entry))
			await_turn(w); /* not locked: a person may have it back meanwhile */
		if (queue_entry_lock(entry, &e) == QUEUE_ENTRY_OPEN && take(w, errand))
			return true;
	}
	submit_errand_free(errand);
	return false;
}

/* Makes ERRAND the next message that is to be sent. False where there is none. */
static bool
fetch(struct worker *w, struct submit_errand *errand)
{
	const struct queue_listing *listing = w->work->listing;
	size_t i;

	while ((i = __atomic_fetch_add(&w->work->shared->next, 1, __ATOMIC_SEQ_CST)) <
	       listing->count) {
		if (look_at(w, listing->ids[i], errand))
			return true;
		sync_folder(w, false);
	}
	return false;
}

/*
 * Sends ERRAND, and perhaps says the beginning of NEXT. One that has failed before is not begun
 * with the one before it: what it does to the connection, that shall not suffer.
 */
static void
serve(struct worker *w, struct submit_errand *errand, struct submit_errand *next)
{
	bool along = next != NULL && next->entry.history.attempts == 0;

	/* The account may have failed since it was fetched. */
	if (!is_due(w, &errand->entry) || !send_errand(w, errand, along ? next : NULL))
		tell(w, &errand->entry);
	submit_errand_free(errand);
	sync_folder(w, false);
}

/* Sends one message after the other. The next is known before one is sent, unless it has to wait.
 */
static void
serve_all(struct worker *w)
{
	struct submit_errand errands[2], *errand = &errands[0], *next = &errands[1], *done;
	bool waits = conf_pace_interval(w->work->account->rate) > 0;
	bool more = fetch(w, errand);

	while (more && !w->retired) {
		more = !waits && fetch(w, next);
		serve(w, errand, more ? next : NULL);
		if (!more && !w->retired)
			more = fetch(w, next);
		done = errand;
		errand = next;
		next = done;
	}
	if (more)
		submit_errand_free(errand);
}

void
submit_work(const struct submit_work *work)
{
	struct worker w = {
	    .work = work,
	    .session = {.account = work->account, .transcript = work->flush->transcript},
	};
	struct err e;

	if (queue_standing_open(
		&w.standing, work->flush->spool, work->name, work->accounts, false, &e) != 1) {
		note_error(&w, &e);
		decide(&w, false);
		return;
	}
	serve_all(&w);
	decide(&w, false);
	keep_pace(&w);
	sync_folder(&w, true);
	submit_session_free(&w.session);
	queue_standing_close(&w.standing);
}
