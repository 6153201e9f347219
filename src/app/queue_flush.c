/*
 * queue_flush: see queue_commands.h: the runner, begun by a person, a timer or as a daemon.
 */
#include <config.h>

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/account.h"
#include "app/queue.h"
#include "app/queue_commands.h"
#include "app/queue_flush.h"
#include "app/queue_system.h"
#include "base/deadline.h"
#include "base/file.h"
#include "base/i18n.h"
#include "conf/pace.h"
#include "queue/change.h"
#include "submit/flush.h"
#include "submit/handover.h"

#include "base/banned.h"

/* An account that was found, for all rounds of the run. */
struct found {
	struct found *next;
	char *name, *accounts; /* as the queue has them */
	struct app_account account;
};

/* What a run works with. */
struct context {
	const struct app_options *options;
	struct found *found;
	int ex;	       /* of the first account that was not found; it was told */
	bool terminal; /* standard error is one */
};

static void
free_found(struct found *found)
{
	app_account_free(&found->account);
	free(found->name);
	free(found->accounts);
	free(found);
}

static void
free_all(struct context *c)
{
	while (c->found != NULL) {
		struct found *next = c->found->next;

		free_found(c->found);
		c->found = next;
	}
}

static int
fill(struct found *found, const struct app_options *options, const char *name, const char *accounts,
    struct err *e)
{
	const struct app_options own = {.file = accounts != NULL ? accounts : options->file};

	found->name = strdup(name);
	found->accounts = accounts != NULL ? strdup(accounts) : NULL;
	if (found->name == NULL || (found->accounts == NULL) != (accounts == NULL))
		return err_set(e, EX_TEMPFAIL, "out of memory");
	if (!submit_handover_is(name))
		return app_account_find(&found->account, &own, name, NULL, e);
	found->account.account = found->account.made = submit_handover_account(e);
	return found->account.account != NULL ? 0 : -1;
}

/* Finds what was not found before, for C to keep; NULL with E. */
static struct found *
find_new(struct context *c, const char *name, const char *accounts, struct err *e)
{
	struct found *found = calloc(1, sizeof *found);

	if (found == NULL) {
		(void)err_set(e, EX_TEMPFAIL, "out of memory");
	} else if (fill(found, c->options, name, accounts, e) == 0) {
		found->next = c->found;
		c->found = found;
		return found;
	} else
		free_found(found);
	c->ex = c->ex != 0 ? c->ex : e->ex;
	return NULL;
}

static int
find(void *context, const char *name, const char *accounts, const struct conf_account **out,
    struct err *e)
{
	struct context *c = context;
	struct found *found = c->found;

	while (
	    found != NULL && !(str_same(found->name, name) && str_same(found->accounts, accounts)))
		found = found->next;
	if (found == NULL)
		found = find_new(c, name, accounts, e);
	if (found == NULL)
		return -1;
	*out = found->account.account;
	return 0;
}

static void
report(void *context, const struct err *e)
{
	const struct context *c = context;

	(void)fprintf(stderr, "%simbuca: %s\n", c->terminal ? "\r" : "", e->msg);
}

static void
progress(void *context, const struct submit_flush *flush)
{
	const struct context *c = context;
	const size_t *counts = flush->counts;

	if (c->terminal)
		(void)fprintf(stderr, _("\r%zu sent, %zu put off, of %zu"),
		    counts[SUBMIT_FLUSH_SENT], counts[SUBMIT_FLUSH_DEFERRED], flush->total);
}

static void
summarize(const struct context *c, const struct submit_flush *flush)
{
	const size_t *counts = flush->counts;

	if (!c->terminal)
		return;
	(void)fprintf(stderr, _("\r%zu sent, %zu put off, %zu returned, %zu left\n"),
	    counts[SUBMIT_FLUSH_SENT], counts[SUBMIT_FLUSH_DEFERRED], counts[SUBMIT_FLUSH_RETURNED],
	    flush->total);
	if (flush->busy > 0)
		(void)fprintf(stderr, _("%zu accounts are served by another run\n"), flush->busy);
}

/* Sends what FLUSH chooses of the caller's queue, if there is one. */
static int
run(const struct app_options *options, struct submit_flush flush, struct err *e)
{
	const struct net_transcript transcript = {options->debug ? STDERR_FILENO : -1};
	struct context *c = calloc(1, sizeof *c);
	struct queue_spool spool;
	int rc = c != NULL ? app_queue_open(&spool, e) : err_set(e, EX_TEMPFAIL, "out of memory");

	if (rc == 1) {
		c->options = options;
		c->terminal = isatty(STDERR_FILENO) == 1;
		flush.spool = &spool;
		flush.transcript = &transcript;
		flush.find = find;
		flush.report = report;
		flush.progress = progress;
		flush.context = c;
		rc = submit_flush_run(&flush, e);
		if (rc == 0)
			summarize(c, &flush);
		if (rc == 0 && c->ex != 0)
			rc = err_told(e, c->ex);
		free_all(c);
		queue_spool_close(&spool);
	}
	free(c);
	return rc;
}

int
app_queue_flush_run(const struct app_options *options, struct err *e)
{
	struct submit_flush flush = {.id = NULL};

	if (options->operand_count > 0)
		return err_set(e, EX_USAGE, "run takes no operand; to try one message, use retry");
	return run(options, flush, e);
}

/* Is the message ID in the caller's queue, and one that a run sends? 0 where it is not there. */
static int
check_own(const char *id, struct err *e)
{
	struct queue_spool spool;
	struct queue_entry entry;
	int rc = app_queue_open(&spool, e);

	if (rc != 1)
		return rc;
	if (queue_change_find(&spool, id, NULL, &entry, e) != 0)
		rc = e->ex == EX_NOINPUT ? 0 : -1;
	else {
		if (queue_change_check(&entry, e) != 0)
			rc = -1;
		queue_entry_close(&entry);
	}
	queue_spool_close(&spool);
	return rc;
}

/* What is in the machine's queue its runner tries. */
static int
retry_one(const struct app_options *options, const char *id, struct err *e)
{
	struct submit_flush flush = {.id = id, .now = true};
	int rc = check_own(id, e);

	if (rc == 0)
		rc = app_queue_system_order("RETRY", id, e);
	else if (rc == 1)
		rc = run(options, flush, e);
	if (rc != 0 && e->ex == EX_DATAERR)
		(void)err_hint(e, "let it go before: imbuca queue release %s", id);
	return rc;
}

int
app_queue_flush_retry(const struct app_options *options, struct err *e)
{
	int rc = app_queue_check_ids(options, e);

	for (size_t i = 0; rc == 0 && i < options->operand_count; i++)
		rc = retry_one(options, options->operands[i], e);
	if (options->operand_count == 0) {
		struct submit_flush flush = {.now = true};

		rc = run(options, flush, e);
	}
	return rc;
}

/* Goes into the background, away from whatever terminal and pipes there are. */
static int
detach(struct err *e)
{
	pid_t pid = fork();
	int null;

	if (pid < 0)
		return err_set(e, EX_TEMPFAIL, "cannot make a process");
	if (pid > 0)
		_exit(0);
	(void)setsid();
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; null >= 0 && fd <= STDERR_FILENO; fd++)
		(void)dup2(null, fd);
	return 0;
}

/* In the background, every so many SECONDS. */
static int
run_every(const struct app_options *options, unsigned seconds, struct err *e)
{
	struct queue_spool spool;
	int rc = app_queue_open(&spool, e);

	/* In the background nobody would hear of it. */
	if (rc == 1)
		queue_spool_close(&spool);
	if (rc < 0 || detach(e) != 0)
		return -1;
	for (;;) {
		struct deadline next = deadline_in((int64_t)seconds * 1000);
		struct submit_flush flush = {.id = NULL};

		(void)run(options, flush, e);
		while (!deadline_over(next))
			deadline_nap(deadline_left(next));
	}
}

/* A time as sendmail has it: 1h30m, 90s, or a number of minutes. 0 where TEXT is none. */
static unsigned
read_time(struct slice text)
{
	unsigned seconds = 0, part;
	uint64_t minutes;

	if (str_number(text, 1, 1000000, &minutes))
		return (unsigned)minutes * 60;
	while (text.len > 0) {
		size_t len = 0;

		while (len < text.len && isdigit((unsigned char)text.ptr[len]))
			len++;
		len += len < text.len;
		if (!conf_pace_read((struct slice){text.ptr, len}, &part))
			return 0;
		seconds += part;
		text = (struct slice){text.ptr + len, text.len - len};
	}
	return seconds;
}

int
app_queue_flush_option(const struct app_options *options, struct err *e)
{
	const char *what = options->queue != NULL ? options->queue : "";
	const char *text = what[0] != '\0' ? what + 1 : "";
	struct submit_flush flush = {.id = NULL};
	unsigned seconds = read_time(str_slice(what));

	if (options->operand_count > 0)
		return err_set(e, EX_USAGE, "-q sends no message, and takes no operand");
	if (seconds > 0)
		return run_every(options, seconds, e);
	if (what[0] == 'I')
		flush.id = text;
	else if (what[0] == 'R')
		flush.recipient = text;
	else if (what[0] == 'S')
		flush.sender = text;
	else if (what[0] != '\0' && strcmp(what, "f") != 0)
		return err_set(
		    e, EX_USAGE, "'-q%s' is none of -q, -qTIME, -qIID, -qRTEXT, -qSTEXT", what);
	flush.now = text[0] != '\0';
	return run(options, flush, e);
}

int
app_queue_flush_behind(const struct app_options *options, const char *id)
{
	struct submit_flush flush = {.id = id, .now = true};
	struct err ignored;
	pid_t pid = fork();

	if (pid != 0)
		return pid > 0 ? 0 : -1;
	if (detach(&ignored) == 0)
		(void)run(options, flush, &ignored);
	_exit(0);
}
