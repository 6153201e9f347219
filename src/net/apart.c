/*
 * apart: see apart.h.
 */
#include <config.h>

#include <errno.h>
#include <time.h>

#include "net/apart.h"

#include "base/banned.h"

void
net_apart_init(struct net_apart *job, void (*work)(struct net_apart *job),
    void (*release)(struct net_apart *job))
{
	pthread_condattr_t monotonic;

	(void)pthread_mutex_init(&job->lock, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&job->answered, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	job->holders = 1;
	job->done = false;
	job->work = work;
	job->release = release;
}

void
net_apart_release(struct net_apart *job)
{
	bool last;

	(void)pthread_mutex_lock(&job->lock);
	last = --job->holders == 0;
	(void)pthread_mutex_unlock(&job->lock);
	if (!last)
		return;
	(void)pthread_cond_destroy(&job->answered);
	(void)pthread_mutex_destroy(&job->lock);
	job->release(job);
}

static void *
work(void *arg)
{
	struct net_apart *job = arg;

	job->work(job);
	(void)pthread_mutex_lock(&job->lock);
	job->done = true;
	(void)pthread_cond_signal(&job->answered);
	(void)pthread_mutex_unlock(&job->lock);
	net_apart_release(job);
	return NULL;
}

/* Waits for the thread; returns whether it was done in time. */
static bool
wait_for(struct net_apart *job, struct deadline within)
{
	struct timespec until = {(time_t)(within.at / 1000), (long)(within.at % 1000) * 1000000};
	bool done;

	(void)pthread_mutex_lock(&job->lock);
	while (
	    !job->done && pthread_cond_timedwait(&job->answered, &job->lock, &until) != ETIMEDOUT)
		continue;
	done = job->done;
	(void)pthread_mutex_unlock(&job->lock);
	return done;
}

bool
net_apart_run(struct net_apart *job, struct deadline within)
{
	pthread_attr_t detached;
	pthread_t thread;
	int rc;

	job->holders = 2;
	(void)pthread_attr_init(&detached);
	(void)pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	rc = pthread_create(&thread, &detached, work, job);
	(void)pthread_attr_destroy(&detached);
	if (rc == 0)
		return wait_for(job, within);
	(void)work(job);
	return true;
}
