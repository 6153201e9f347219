/*
 * queue_flush: see queue_commands.h: the runner, begun by a person, a timer or as a daemon.
 */
#include <config.h>

#include <ctype.h>
#include <fcntl.h>
#include <poll.h>
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
#include "submit/flush.h"
#include "submit/handover.h"

#include "base/banned.h"

enum { ACCOUNTS = 64 };

/* What a run works with. */
struct context {
	const struct app_options *options;
	struct app_account accounts[ACCOUNTS];
	size_t count;
	bool terminal; /* standard error is one */
};

static int
find(void *context, const char *name, const char *accounts, const struct conf_account **out,
    struct err *e)
{
	struct context *c = context;
	struct app_account *next = &c->accounts[c->count];
	struct app_options options = {.file = accounts != NULL ? accounts : c->options->file};

	if (c->count == ACCOUNTS)
		return err_set(e, EX_TEMPFAIL, "more than %d accounts in one run", ACCOUNTS);
	if (submit_handover_is(name))
		next->account = next->made = submit_handover_account(e);
	else
		(void)app_account_find(next, &options, name, NULL, e);
	*out = next->account;
	c->count += *out != NULL;
	return *out != NULL ? 0 : -1;
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
		for (size_t i = 0; i < c->count; i++)
			app_account_free(&c->accounts[i]);
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

int
app_queue_flush_retry(const struct app_options *options, struct err *e)
{
	int rc = app_queue_check_ids(options, e);

	for (size_t i = 0; rc == 0 && i < options->operand_count; i++) {
		struct submit_flush flush = {.id = options->operands[i], .now = true};

		/* What is in the machine's queue its runner tries. */
		rc = app_queue_system_ask_of("RETRY", flush.id, NULL, NULL, e);
		rc = rc == 0 ? run(options, flush, e) : rc == 1 ? 0 : -1;
	}
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
	if (detach(e) != 0)
		return -1;
	for (;;) {
		struct deadline next = deadline_in((int64_t)seconds * 1000);
		struct submit_flush flush = {.id = NULL};

		(void)run(options, flush, e);
		while (!deadline_over(next)) {
			struct pollfd nothing = {-1, 0, 0};

			(void)poll(&nothing, 1, deadline_left(next));
		}
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
