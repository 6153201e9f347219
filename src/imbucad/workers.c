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
#include "imbucad/workers.h"

#include "base/banned.h"

enum { START_TIMEOUT = 20000 /* milliseconds */, TRIES = 3 };

struct worker {
	char *user;
	bool runs_commands;
	int service; /* -1 where none runs, as far as is known */
	struct worker *next;
};

struct imbucad_workers {
	int supervisor;
	pthread_mutex_t lock; /* of the list, and of starting one */
	struct worker *list;
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

void
imbucad_workers_free(struct imbucad_workers *w)
{
	if (w == NULL)
		return;
	while (w->list != NULL) {
		struct worker *worker = w->list;

		w->list = worker->next;
		if (worker->service != -1)
			(void)close(worker->service);
		free(worker->user);
		free(worker);
	}
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

static struct worker *
find(struct imbucad_workers *w, const struct imbucad_workers_who *who)
{
	struct worker *worker = w->list;

	while (worker != NULL && (worker->runs_commands != who->runs_commands ||
				     strcmp(worker->user, who->user) != 0))
		worker = worker->next;
	if (worker != NULL)
		return worker;
	worker = calloc(1, sizeof *worker);
	if (worker == NULL || (worker->user = strdup(who->user)) == NULL) {
		free(worker);
		return NULL;
	}
	worker->runs_commands = who->runs_commands;
	worker->service = -1;
	worker->next = w->list;
	w->list = worker;
	return worker;
}

/* Has the supervisor start WORKER. */
static int
start(struct imbucad_workers *w, struct worker *worker, struct err *e)
{
	struct buf request = BUF_INIT(IMBUCAD_CALL_MAX), answer = BUF_INIT(IMBUCAD_CALL_MAX);
	struct imbucad_wire in;
	int status;

	imbucad_wire_put_text(&request, worker->user);
	imbucad_wire_put_number(&request, worker->runs_commands);
	status = imbucad_call(w->supervisor, buf_slice(&request), -1, deadline_in(START_TIMEOUT),
	    &answer, &worker->service, e);
	in = (struct imbucad_wire){buf_slice(&answer), false};
	if (status == 0)
		imbucad_wire_err(&in, e);
	if (status == 0 && (e->ex != 0 || worker->service == -1))
		status = -1;
	buf_free(&request);
	buf_free(&answer);
	return status;
}

/* One try. Under the lock, so that the service is not closed meanwhile. */
static int
begin(struct imbucad_workers *w, const struct imbucad_workers_who *who, struct slice request,
    int message, struct err *e)
{
	struct worker *worker = find(w, who);
	int reply;

	if (worker == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for a delivery process");
	if (worker->service == -1 && start(w, worker, e) == -1)
		return -1;
	reply = imbucad_call_begin(worker->service, request, message, e);
	if (reply == -1 && e->ex == EX_UNAVAILABLE) {
		(void)close(worker->service);
		worker->service = -1;
	}
	return reply;
}

int
imbucad_workers_begin(struct imbucad_workers *w, const struct imbucad_workers_who *who,
    struct slice request, int message, struct err *e)
{
	int reply = -1;

	for (int i = 0; reply == -1 && i < TRIES; i++) {
		(void)pthread_mutex_lock(&w->lock);
		reply = begin(w, who, request, message, e);
		(void)pthread_mutex_unlock(&w->lock);
	}
	return reply != -1 ? reply : deliver_failure_reply(e, 451, "4.3.0");
}

void
imbucad_workers_forget(struct imbucad_workers *w, const struct imbucad_workers_who *who)
{
	struct worker *worker;

	(void)pthread_mutex_lock(&w->lock);
	worker = find(w, who);
	if (worker != NULL && worker->service != -1) {
		(void)close(worker->service);
		worker->service = -1;
	}
	(void)pthread_mutex_unlock(&w->lock);
}
