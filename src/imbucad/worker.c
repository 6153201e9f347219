/*
 * worker: see worker.h.
 */
#include <config.h>

#include <sys/socket.h>

#include <signal.h>
#include <string.h>

#include "deliver/command.h"
#include "deliver/failure.h"
#include "deliver/forward.h"
#include "deliver/maildir.h"
#include "deliver/mailbox.h"
#include "deliver/mbox.h"
#include "imbucad/call.h"
#include "imbucad/journal.h"
#include "imbucad/store.h"
#include "imbucad/wire.h"
#include "imbucad/worker.h"

#include "base/banned.h"

enum {
	IDLE_SECONDS = 60,
	COMMAND_TIMEOUT = 300000, /* milliseconds */
	PLACE_MAXIMUM = 4096,
};

struct worker {
	const struct conf_daemon *conf;
	const struct imbucad_passwd *user;
	struct imbucad_store *store; /* NULL where the mailboxes are here */
};

/* One delivery, as it was read from a request. */
struct job {
	enum imbucad_plan_kind kind;
	const char *where, *detail, *sender, *recipient;
	enum imbucad_worker_forward forward;
	struct slice top;
	int message;
};

/* --- the two forms --- */

void
imbucad_worker_put(struct buf *out, const struct imbucad_worker_request *request)
{
	imbucad_wire_put_number(out, request->item->kind);
	imbucad_wire_put_text(out, request->item->where);
	imbucad_wire_put_text(out, request->item->detail);
	imbucad_wire_put_number(out, request->forward);
	imbucad_wire_put_text(out, request->sender);
	imbucad_wire_put_text(out, request->recipient);
	imbucad_wire_put_slice(out, request->top);
}

void
imbucad_worker_take(struct slice answer, struct imbucad_worker_answer *out)
{
	struct imbucad_wire in = {answer, false};

	imbucad_wire_err(&in, &out->result);
	out->is_forward = imbucad_wire_number(&in) != 0;
	out->text = imbucad_wire_slice(&in);
	if (!in.bad)
		return;
	(void)err_set(&out->result, EX_TEMPFAIL, "a delivery process said too little");
	(void)deliver_failure_reply(&out->result, 451, "4.3.0");
}

/* --- the kinds of delivery: 0, -1, or 1 where OUT is a ~/.forward --- */

static int
into_store(const struct worker *w, const struct job *job, struct buf *out, struct err *e)
{
	const struct imbucad_store_item item = {
	    .sender = job->sender,
	    .recipient = job->where,
	    .top = job->top,
	    .message = job->message,
	};

	buf_adds(out, w->conf->mailbox);
	return imbucad_store_deliver(w->store, &item, e);
}

static int
into_mailbox(const struct worker *w, const struct job *job, struct buf *out, struct err *e)
{
	const struct deliver_mailbox_params params = {
	    .user = w->user->name,
	    .home = w->user->home,
	    .detail = job->detail,
	    .sender = job->sender,
	    .host = w->conf->hostname,
	    .top = job->top,
	    .message = job->message,
	};
	int found = 0;

	if (job->forward != IMBUCAD_WORKER_FORWARD_NOT && w->conf->forward)
		found = deliver_forward_read(w->user->home, out, e);
	if (found != 0)
		return found;
	if (job->forward == IMBUCAD_WORKER_FORWARD_ALONE)
		return 1;
	if (w->store != NULL)
		return into_store(w, job, out, e);
	return deliver_mailbox(w->conf->mailbox, &params, out, e);
}

static int
into_file(const struct worker *w, const struct job *job, struct buf *out, struct err *e)
{
	struct slice path = str_slice(job->where);

	/* Whose mail nobody wants. */
	if (str_is(path, "/dev/null")) {
		buf_add_slice(out, path);
		return 0;
	}
	if (path.len > 0 && path.ptr[path.len - 1] == '/')
		return deliver_maildir(
		    job->where, w->conf->hostname, job->top, job->message, out, e);
	buf_adds(out, job->where);
	return deliver_mbox(job->where, job->sender, job->top, job->message, e);
}

static int
to_command(const struct worker *w, const struct job *job, struct buf *out, struct err *e)
{
	const struct deliver_command_context context = {
	    .user = w->user->name,
	    .home = w->user->home,
	    .sender = job->sender,
	    .recipient = job->recipient,
	    .extension = job->detail,
	};

	buf_addf(out, "|%s", job->where);
	return deliver_command(
	    job->where, &context, job->top, job->message, deadline_in(COMMAND_TIMEOUT), e);
}

static int
deliver(const struct worker *w, const struct job *job, struct buf *out, struct err *e)
{
	static int (*const kinds[])(
	    const struct worker *w, const struct job *job, struct buf *out, struct err *e) = {
	    [IMBUCAD_PLAN_MAILBOX] = into_mailbox,
	    [IMBUCAD_PLAN_FILE] = into_file,
	    [IMBUCAD_PLAN_COMMAND] = to_command,
	};

	if (job->kind <= IMBUCAD_PLAN_COMMAND && job->message != -1)
		return kinds[job->kind](w, job, out, e);
	(void)err_set(e, EX_SOFTWARE, "a delivery process was asked for what it cannot do");
	return deliver_failure_reply(e, 451, "4.3.0");
}

static void
handle(void *context, struct imbucad_call *call, struct buf *answer, int *fd)
{
	struct imbucad_wire in = {buf_slice(&call->request), false};
	struct buf text = BUF_INIT(DELIVER_FORWARD_MAXIMUM + PLACE_MAXIMUM);
	struct err e = ERR_INIT;
	struct job job = {.message = call->fd};
	int status;

	(void)fd;
	job.kind = (enum imbucad_plan_kind)imbucad_wire_number(&in);
	job.where = imbucad_wire_text(&in);
	job.detail = imbucad_wire_text(&in);
	job.forward = (enum imbucad_worker_forward)imbucad_wire_number(&in);
	job.sender = imbucad_wire_text(&in);
	job.recipient = imbucad_wire_text(&in);
	job.top = imbucad_wire_slice(&in);
	if (in.bad)
		job.message = -1;
	status = deliver(context, &job, &text, &e);
	imbucad_wire_put_err(answer, &e);
	imbucad_wire_put_number(answer, status == 1);
	imbucad_wire_put_slice(answer, status == -1 ? str_slice("") : buf_slice(&text));
	buf_free(&text);
}

void
imbucad_worker_run(const struct conf_daemon *conf, const struct imbucad_passwd *user, int service)
{
	struct worker w = {conf, user, NULL};
	const struct timeval idle = {.tv_sec = IDLE_SECONDS};
	struct err e = ERR_INIT;

	(void)signal(SIGXFSZ, SIG_IGN);
	(void)setsockopt(service, SOL_SOCKET, SO_RCVTIMEO, &idle, sizeof idle);
	if (imbucad_store_is(conf->mailbox) && (w.store = imbucad_store_new(conf, &e)) == NULL)
		imbucad_journal_error(conf, NULL, &e);
	else
		imbucad_call_serve(service, IMBUCAD_WORKER_THREADS, handle, &w);
	imbucad_store_free(w.store);
}
