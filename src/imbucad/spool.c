/*
 * spool: see spool.h.
 */
#include <config.h>

#include <sys/statvfs.h>

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "deliver/failure.h"
#include "imbucad/call.h"
#include "imbucad/handover.h"
#include "imbucad/inquiry.h"
#include "imbucad/journal.h"
#include "imbucad/logins.h"
#include "imbucad/policy.h"
#include "imbucad/request.h"
#include "imbucad/spool.h"
#include "queue/spool.h"
#include "smtp/path.h"
#include "smtp/refusal.h"

#include "base/banned.h"

enum {
	LOGIN_THREADS = 4, /* hashes at the same time */
};

struct spool {
	const struct imbucad_spool_params *params;
	struct imbucad_handover handover;
	struct imbucad_logins *logins;
	struct queue_spool queue;
};

/* --- a recipient --- */

/* What a request RCPT says; the texts lie in it. */
struct rcpt {
	struct imbucad_origin origin;
	struct smtp_path sender;
	uint64_t announced;
	bool wants_file;
	struct mail_address address;
};

static int
read_rcpt(struct imbucad_wire *in, struct rcpt *out, struct err *e)
{
	struct slice sender, recipient;

	imbucad_origin_take(in, &out->origin);
	sender = imbucad_wire_slice(in);
	out->announced = imbucad_wire_number(in);
	out->wants_file = imbucad_wire_number(in) != 0;
	recipient = imbucad_wire_slice(in);
	if (in->bad || !smtp_path_parse_bare(sender, &out->sender))
		return err_set(e, EX_TEMPFAIL, "reception asked for something that makes no sense");
	if (mail_address_parse(&out->address, recipient, e) == -1)
		return smtp_refusal(e, 501, "5.1.3", "This address cannot be read");
	return 0;
}

/* The name of the client, where it has one: its login, or the user behind the socket, who without a
 * name of its own is called as imbuca calls it; "" else. */
static int
find_client(const struct rcpt *q, struct imbucad_passwd *out, struct err *e)
{
	struct buf number = BUF_INIT(32);
	int found = 1;

	(void)str_copy(out->name, sizeof out->name, str_slice(q->origin.login));
	if (q->origin.login[0] == '\0' && q->origin.kind == IMBUCAD_ORIGIN_UNIX)
		found = imbucad_passwd_of((uid_t)q->origin.uid, out, e);
	if (found == 0) {
		buf_addf(&number, "uid%llu", (unsigned long long)q->origin.uid);
		(void)str_copy(out->name, sizeof out->name, buf_slice(&number));
		buf_free(&number);
	}
	return found == -1 ? -1 : 0;
}

static int
check_sender(const struct spool *s, const struct rcpt *q, struct err *e)
{
	struct imbucad_passwd client;
	char domain[SMTP_PATH_MAX + 1];

	if (!s->params->conf->bind_senders)
		return 0;
	if (find_client(q, &client, e) == -1)
		return -1;
	if (client.name[0] == '\0')
		return 0;
	(void)str_copy(domain, sizeof domain, smtp_path_domain(&q->sender));
	return imbucad_policy_sender(client.name, smtp_path_local(&q->sender),
	    smtp_path_domain(&q->sender), imbucad_resolve_is_local(s->handover.resolve, domain), e);
}

/* Is there room on DISK for what was announced? */
static int
check_room(const struct rcpt *q, const struct statvfs *disk, struct err *e)
{
	if (q->announced / disk->f_frsize < (uint64_t)disk->f_bavail)
		return 0;
	return smtp_refusal(e, 452, "4.3.1", "There is no room for so big a message now");
}

/* What is for elsewhere goes into the queue, whose disk may be another one. */
static int
check_queue(
    const struct spool *s, const struct rcpt *q, const struct imbucad_plan *plan, struct err *e)
{
	struct statvfs disk;
	size_t i = 0;

	while (i < plan->items_count && plan->items[i].kind != IMBUCAD_PLAN_RELAY)
		i++;
	if (i == plan->items_count || s->params->conf->queue == NULL ||
	    statvfs(s->params->conf->queue, &disk) == -1)
		return 0;
	return check_room(q, &disk, e);
}

/* Is there such a recipient, and may this client send there? */
static int
check_recipient(const struct spool *s, const struct rcpt *q, struct err *e)
{
	const struct imbucad_policy_question question = {
	    .kind = q->origin.kind,
	    .logged_in = q->origin.login[0] != '\0',
	    .is_local = imbucad_resolve_is_here(s->handover.resolve, q->origin.kind, &q->address),
	    .relay = s->params->conf->relay,
	};
	struct imbucad_plan plan = {.items = NULL};
	int status;

	if (imbucad_policy_allows(&question, e) == -1)
		return -1;
	status =
	    imbucad_resolve_address(s->handover.resolve, q->origin.kind, &q->address, &plan, 0, e);
	if (status == 0)
		status = check_queue(s, q, &plan, e);
	imbucad_plan_free(&plan);
	return status;
}

/* A file for the message, where there is room for what was announced. */
static int
make_file(const struct rcpt *q, int *fd, struct err *e)
{
	struct statvfs disk;

	*fd = file_open_unnamed(NULL, e);
	if (*fd == -1)
		return smtp_refusal(e, 452, "4.3.1", "There is no room for the message now");
	if (fstatvfs(*fd, &disk) == -1 || check_room(q, &disk, e) == 0)
		return 0;
	(void)close(*fd);
	*fd = -1;
	return -1;
}

/* What is this machine's own business goes into the log, and only its codes to the client. */
static void
put_refusal(const struct spool *s, const struct rcpt *q, const struct err *e, struct buf *answer)
{
	struct err shown = *e;

	if (e->ex != 0 && e->ex != EX_PROTOCOL) {
		imbucad_journal_error(s->params->conf, &q->origin, e);
		if (!imbucad_origin_is_inside(q->origin.kind) && e->code >= 400)
			(void)smtp_refusal(&shown, e->code, e->enhanced, "This does not work now");
	}
	imbucad_wire_put_err(answer, &shown);
}

static void
answer_rcpt(struct spool *s, struct imbucad_wire *in, int message, struct buf *answer, int *fd)
{
	struct rcpt q = {.address = {NULL, NULL, NULL}};
	struct err e = ERR_INIT;

	(void)message;
	if (read_rcpt(in, &q, &e) == 0 && check_sender(s, &q, &e) == 0 &&
	    check_recipient(s, &q, &e) == 0 && q.wants_file)
		(void)make_file(&q, fd, &e);
	put_refusal(s, &q, &e, answer);
	mail_address_free(&q.address);
}

/* --- the rest --- */

static void
answer_message(struct spool *s, struct imbucad_wire *in, int message, struct buf *answer, int *fd)
{
	(void)fd;
	imbucad_handover_answer(&s->handover, in, message, answer);
}

static void
answer_queue(struct spool *s, struct imbucad_wire *in, int message, struct buf *answer, int *fd)
{
	(void)message;
	imbucad_inquiry_answer(&s->handover, in, answer, fd);
}

static void
answer_login(struct spool *s, struct imbucad_wire *in, int message, struct buf *answer, int *fd)
{
	struct imbucad_wire copy = *in;
	struct imbucad_origin origin;
	struct err failed = ERR_INIT;

	(void)message, (void)fd;
	imbucad_logins_answer(s->logins, in, answer, &failed);
	imbucad_origin_take(&copy, &origin);
	if (failed.ex != 0)
		imbucad_journal_error(s->params->conf, &origin, &failed);
}

static void
handle(void *context, struct imbucad_call *call, struct buf *answer, int *fd)
{
	static void (*const handlers[IMBUCAD_REQUEST_COUNT])(struct spool * s,
	    struct imbucad_wire * in, int message, struct buf *answer, int *fd) = {
	    [IMBUCAD_REQUEST_RCPT] = answer_rcpt,
	    [IMBUCAD_REQUEST_MESSAGE] = answer_message,
	    [IMBUCAD_REQUEST_LOGIN] = answer_login,
	    [IMBUCAD_REQUEST_QUEUE] = answer_queue,
	};
	struct imbucad_wire in = {buf_slice(&call->request), false};
	uint64_t request = imbucad_wire_number(&in);

	if (request < IMBUCAD_REQUEST_COUNT)
		handlers[request](context, &in, call->fd, answer, fd);
}

static void *
serve_logins(void *context)
{
	struct spool *s = context;

	imbucad_call_serve(s->params->logins, LOGIN_THREADS, handle, s);
	return NULL;
}

static void *
serve_requests(void *context)
{
	struct spool *s = context;

	imbucad_call_serve(s->params->requests, IMBUCAD_WORKERS_ASKERS, handle, s);
	return NULL;
}

/* --- beginning and end --- */

static void
tell_fault(const struct conf_daemon *conf, const struct err *fault)
{
	imbucad_journal_error(conf, NULL, fault);
}

static int
begin(struct spool *s, struct err *e)
{
	const struct conf_daemon *conf = s->params->conf;

	s->handover = (struct imbucad_handover){
	    .conf = conf,
	    .resolve = imbucad_resolve_new(conf, s->params->privileged, tell_fault, e),
	    .workers = imbucad_workers_new(s->params->supervisor),
	    .relay = s->params->relay,
	    .runner = s->params->runner,
	};
	if (conf->queue != NULL && queue_spool_open_made(&s->queue, conf->queue, e) == -1)
		return -1;
	s->handover.queue = conf->queue != NULL ? &s->queue : NULL;
	s->logins = imbucad_logins_new(conf->users, e);
	if (s->logins == NULL || s->handover.resolve == NULL)
		return -1;
	if (s->handover.workers == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory to begin");
	return 0;
}

/* The threads serve; this one waits for the signal, at which what is under way is given up: whoever
 * waits for it hears so at once. */
static int
serve(struct spool *s, struct err *e)
{
	pthread_t logins, requests;
	sigset_t set;
	int signal;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)pthread_sigmask(SIG_SETMASK, &set, NULL);
	if (pthread_create(&logins, NULL, serve_logins, s) != 0 ||
	    pthread_create(&requests, NULL, serve_requests, s) != 0)
		return err_set(e, EX_TEMPFAIL, "cannot start a thread");
	(void)sigwait(&set, &signal);
	return 0;
}

int
imbucad_spool_run(const struct imbucad_spool_params *params, struct err *e)
{
	/* Its threads end with the process: this is theirs until then. */
	struct spool *s = calloc(1, sizeof *s);

	if (s == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory to begin");
	s->params = params;
	return begin(s, e) == -1 ? -1 : serve(s, e);
}
