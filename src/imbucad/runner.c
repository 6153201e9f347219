/*
 * runner: see runner.h. It has one thread, since submit/flush makes processes.
 */
#include <config.h>

#include <sys/socket.h>

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "imbucad/account.h"
#include "imbucad/journal.h"
#include "imbucad/keep.h"
#include "imbucad/runner.h"
#include "queue/spool.h"
#include "submit/flush.h"
#include "submit/handover.h"

#include "base/banned.h"

enum { RUN_EVERY = 30000 /* milliseconds, while something waits */ };

struct runner {
	const struct imbucad_runner_params *params;
	struct conf_account *local; /* the door's */
	struct queue_spool queue;
};

/* --- what submit/flush asks --- */

/* What is not for here goes by the account of the machine, whatever it was called before. */
static int
find(void *context, const char *name, const char *accounts, const struct conf_account **out,
    struct err *e)
{
	const struct runner *r = context;

	(void)accounts;
	*out = strcmp(name, IMBUCAD_KEEP_LOCAL) == 0 ? r->local : r->params->account;
	if (*out != NULL)
		return 0;
	if (r->params->why != NULL) {
		*e = *r->params->why;
		return -1;
	}
	return err_set(e, EX_CONFIG, "this machine has no account any more");
}

static int
adapt(void *context, const struct conf_account *account, struct mail_message *message,
    struct mail_envelope *envelope, struct err *e)
{
	const struct runner *r = context;

	if (account == r->local)
		return 0;
	return imbucad_account_adapt(r->params->conf, account, message, envelope, e);
}

static const struct conf_account *
reporter(void *context, const struct mail_address *sender)
{
	const struct runner *r = context;

	if (r->params->account == NULL || imbucad_account_is_ours(r->params->conf, sender))
		return r->local;
	return r->params->account;
}

static void
report(void *context, const struct err *e)
{
	const struct runner *r = context;

	imbucad_journal_error(r->params->conf, NULL, e);
}

/* --- the process --- */

/* The processes that are sending end with this one. */
static void
end_all(int number)
{
	(void)signal(number, SIG_DFL);
	(void)kill(0, number);
}

static int
begin(struct runner *r, struct err *e)
{
	const struct imbucad_runner_params *params = r->params;

	(void)setpgid(0, 0);
	(void)signal(SIGTERM, end_all);
	r->local = submit_handover_account_at(IMBUCAD_KEEP_LOCAL, params->door, e);
	if (r->local == NULL)
		return -1;
	r->local->domain = strdup(params->conf->hostname);
	r->local->protocol = CONF_ACCOUNT_PROTOCOL_LMTP;
	r->local->syslog = CONF_ACCOUNT_SYSLOG_OFF;
	return queue_spool_open_made(&r->queue, params->conf->queue, e);
}

/* Runs what is due, or the message ID whatever is due. */
static void
run_queue(struct runner *r, const char *id, size_t *total)
{
	const struct net_transcript silent = {.fd = -1};
	struct submit_flush flush = {.spool = &r->queue,
	    .transcript = &silent,
	    .id = id,
	    .now = id != NULL,
	    .program = "imbucad",
	    .find = find,
	    .adapt = adapt,
	    .reporter = reporter,
	    .report = report,
	    .context = r};
	struct err e = ERR_INIT;

	if (submit_flush_run(&flush, &e) == -1)
		report(r, &e);
	*total = flush.total;
}

/* Takes the words that have come, and does what they ask for. */
static void
hear(struct runner *r)
{
	char word[QUEUE_ID_SIZE];
	size_t ignored;
	ssize_t n;

	while ((n = recv(r->params->words, word, sizeof word - 1, MSG_DONTWAIT)) > 0) {
		word[n] = '\0';
		if (queue_id_is(str_slice(word)))
			run_queue(r, word, &ignored);
	}
}

int
imbucad_runner_run(const struct imbucad_runner_params *params, struct err *e)
{
	struct runner r = {.params = params};
	struct pollfd words = {.fd = params->words, .events = POLLIN};
	struct deadline end = deadline_in(IMBUCAD_ACCOUNT_PATIENCE * 1000);
	size_t total;

	if (begin(&r, e) == -1)
		return -1;
	while (params->why == NULL || !deadline_over(end)) {
		hear(&r);
		run_queue(&r, NULL, &total);
		(void)poll(&words, 1, total > 0 || params->why != NULL ? RUN_EVERY : -1);
	}
	return 0;
}
