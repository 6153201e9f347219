/*
 * workers: see workers.h.
 */
#include <config.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deliver/failure.h"
#include "imbucad/call.h"
#include "imbucad/wire.h"
#include "imbucad/worker.h"
#include "imbucad/workers.h"

#include "base/banned.h"

/*
 * A user's process may be stopped, or wait for a lock or a command: as long as that lasts it keeps
 * those who have asked it waiting. A share of them has all the time that a delivery may take. Who
 * comes on top is served where the process is only busy, but waits for it a short time alone; and
 * once one has waited in vain, no other does until the share is no longer full.
 */
enum {
	START_TIMEOUT = 20000,	   /* milliseconds */
	DELIVERY_TIMEOUT = 320000, /* longer than a command may take */
	PATIENCE = 10000,	   /* of who is beyond the share */
	TRIES = 3,
	SHARE = IMBUCAD_WORKER_THREADS,	       /* beyond, a process has not even begun */
	MANY = IMBUCAD_WORKERS_ASKERS * 3 / 4, /* beyond, a user's share is 1 */
};

/* A user's processes: for mailboxes, and for commands. */
struct worker {
	char *user;
	int service[2];	 /* -1 where none runs, as far as is known */
	unsigned asking; /* questions without an answer */
	bool late;	 /* somebody has waited in vain */
	struct worker *next;
};

struct imbucad_workers {
	int supervisor;
	pthread_mutex_t lock; /* of the list, and of starting one */
	struct worker *list;
	unsigned asking; /* all of them */
};

struct imbucad_workers *
imbucad_workers_new(int supervisor)
{
	struct imbucad_workers *w = calloc(1, sizeof *w);

	if (w == NULL || pthread_mutex_init(&w->lock, NULL) != 0) {
		free(w);
		return NULL;
	}
	w->supervisor = supervisor;
	return w;
}

static void
close_service(int *service)
{
	if (*service != -1)
		(void)close(*service);
	*service = -1;
}

void
imbucad_workers_free(struct imbucad_workers *w)
{
	if (w == NULL)
		return;
	while (w->list != NULL) {
		struct worker *worker = w->list;

		w->list = worker->next;
		for (int i = 0; i < 2; i++)
			close_service(&worker->service[i]);
		free(worker->user);
		free(worker);
	}
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

/* --- shares --- */

static bool
is_beyond_share(const struct imbucad_workers *w, const struct worker *worker)
{
	return worker->asking >= (w->asking < MANY ? (unsigned)SHARE : 1);
}

/* May one more ask WORKER? Then OUT says by when it must have answered. */
static int
admit(const struct imbucad_workers *w, struct worker *worker, struct imbucad_workers_question *out,
    struct err *e)
{
	out->is_beyond = is_beyond_share(w, worker);
	out->until = deadline_in(out->is_beyond ? PATIENCE : DELIVERY_TIMEOUT);
	worker->late = worker->late && out->is_beyond;
	if (!worker->late)
		return 0;
	(void)err_set(e, EX_TEMPFAIL, "too much waits for the user '%s'", worker->user);
	return deliver_failure_reply(e, 451, "4.2.0");
}

/* --- asking --- */

static struct worker *
find(struct imbucad_workers *w, const char *user)
{
	struct worker *worker = w->list;

	while (worker != NULL && strcmp(worker->user, user) != 0)
		worker = worker->next;
	if (worker != NULL)
		return worker;
	worker = calloc(1, sizeof *worker);
	if (worker == NULL || (worker->user = strdup(user)) == NULL) {
		free(worker);
		return NULL;
	}
	worker->service[0] = worker->service[1] = -1;
	worker->next = w->list;
	w->list = worker;
	return worker;
}

/* Has the supervisor start a process for WHO. */
static int
start(struct imbucad_workers *w, const struct imbucad_workers_who *who, int *service, struct err *e)
{
	struct buf request = BUF_INIT(IMBUCAD_CALL_MAX), answer = BUF_INIT(IMBUCAD_CALL_MAX);
	struct imbucad_wire in;
	int status;

	imbucad_wire_put_text(&request, who->user);
	imbucad_wire_put_number(&request, who->runs_commands);
	status = imbucad_call(w->supervisor, buf_slice(&request), -1, deadline_in(START_TIMEOUT),
	    &answer, service, e);
	in = (struct imbucad_wire){buf_slice(&answer), false};
	if (status == 0)
		imbucad_wire_err(&in, e);
	if (status == 0 && (e->ex != 0 || *service == -1))
		status = -1;
	buf_free(&request);
	buf_free(&answer);
	return status;
}

/* One try. Under the lock, so that the service is not closed meanwhile. */
static int
begin(struct imbucad_workers *w, struct worker *worker, const struct imbucad_workers_who *who,
    struct slice request, int message, struct err *e)
{
	int *service = &worker->service[who->runs_commands];
	int reply = -1;

	for (int i = 0; reply == -1 && i < TRIES; i++) {
		if (*service == -1 && start(w, who, service, e) == -1)
			continue;
		reply = imbucad_call_begin(*service, request, message, e);
		if (reply == -1 && e->ex == EX_UNAVAILABLE)
			close_service(service);
	}
	return reply != -1 ? reply : deliver_failure_reply(e, 451, "4.3.0");
}

int
imbucad_workers_begin(struct imbucad_workers *w, const struct imbucad_workers_who *who,
    struct slice request, int message, struct imbucad_workers_question *out, struct err *e)
{
	struct worker *worker;

	*out = (struct imbucad_workers_question){.reply = -1};
	(void)pthread_mutex_lock(&w->lock);
	worker = find(w, who->user);
	if (worker == NULL) {
		(void)err_set(e, EX_TEMPFAIL, "no memory for a delivery process");
		(void)deliver_failure_reply(e, 451, "4.3.0");
	} else if (admit(w, worker, out, e) == 0) {
		out->reply = begin(w, worker, who, request, message, e);
	}
	if (out->reply != -1) {
		worker->asking++;
		w->asking++;
	}
	(void)pthread_mutex_unlock(&w->lock);
	return out->reply == -1 ? -1 : 0;
}

int
imbucad_workers_end(struct imbucad_workers *w, const struct imbucad_workers_who *who,
    const struct imbucad_workers_question *question, struct buf *answer, struct err *e)
{
	struct worker *worker;
	int fd, status = imbucad_call_end(question->reply, question->until, answer, &fd, e);
	bool over = status == -1 && deadline_over(question->until);

	(void)close(question->reply);
	if (fd != -1)
		(void)close(fd);
	(void)pthread_mutex_lock(&w->lock);
	worker = find(w, who->user);
	if (worker != NULL) {
		worker->asking--;
		w->asking--;
		worker->late = worker->late || (over && question->is_beyond);
		if (status == -1 && !(over && question->is_beyond))
			close_service(&worker->service[who->runs_commands]);
	}
	(void)pthread_mutex_unlock(&w->lock);
	if (status == 0)
		return 0;
	(void)deliver_failure_reply(e, 451, over ? "4.2.0" : "4.3.0");
	return over ? -1 : 1;
}
