/*
 * dns: see dns.h.
 */
#include <config.h>

#include <sys/socket.h>

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net/dns.h"
#include "net/name.h"

#include "base/banned.h"

/* A question that the asker and the thread share; who lets go of it last frees it. */
struct question {
	pthread_mutex_t lock;
	pthread_cond_t answered;
	int holders;
	bool done;
	char host[NET_NAME_SIZE];
	char service[8];
	struct addrinfo hints;
	struct addrinfo *result;
	int rc;
	int saved_errno;
};

static struct question *
question_new(const char *host, uint16_t port, int family)
{
	struct question *q = calloc(1, sizeof *q);
	pthread_condattr_t monotonic;

	if (q == NULL)
		return NULL;
	(void)pthread_mutex_init(&q->lock, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&q->answered, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	q->holders = 1;
	(void)str_copy(q->host, sizeof q->host, str_slice(host));
	(void)snprintf(q->service, sizeof q->service, "%u", (unsigned)port);
	q->hints.ai_family = family;
	q->hints.ai_socktype = SOCK_STREAM;
	q->hints.ai_flags = AI_NUMERICSERV | AI_CANONNAME;
	if (net_name_is_address(host))
		q->hints.ai_flags |= AI_NUMERICHOST;
	return q;
}

static void
question_release(struct question *q)
{
	bool last;

	(void)pthread_mutex_lock(&q->lock);
	last = --q->holders == 0;
	(void)pthread_mutex_unlock(&q->lock);
	if (!last)
		return;
	if (q->result != NULL)
		freeaddrinfo(q->result);
	(void)pthread_cond_destroy(&q->answered);
	(void)pthread_mutex_destroy(&q->lock);
	free(q);
}

static void *
answer(void *arg)
{
	struct question *q = arg;
	struct addrinfo *result = NULL;
	int rc = getaddrinfo(q->host, q->service, &q->hints, &result);
	int saved = errno;

	(void)pthread_mutex_lock(&q->lock);
	q->rc = rc;
	q->saved_errno = saved;
	q->result = rc == 0 ? result : NULL;
	q->done = true;
	(void)pthread_cond_signal(&q->answered);
	(void)pthread_mutex_unlock(&q->lock);
	question_release(q);
	return NULL;
}

/* Waits for the thread; returns whether it answered in time. */
static bool
wait_answer(struct question *q, struct deadline within)
{
	struct timespec until = {(time_t)(within.at / 1000), (long)(within.at % 1000) * 1000000};
	bool done;

	(void)pthread_mutex_lock(&q->lock);
	while (!q->done && pthread_cond_timedwait(&q->answered, &q->lock, &until) != ETIMEDOUT)
		continue;
	done = q->done;
	(void)pthread_mutex_unlock(&q->lock);
	return done;
}

/* Has Q answered in a thread; returns whether it did in time. */
static bool
ask(struct question *q, struct deadline within)
{
	pthread_attr_t detached;
	pthread_t thread;
	int rc;

	q->holders = 2;
	(void)pthread_attr_init(&detached);
	(void)pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	rc = pthread_create(&thread, &detached, answer, q);
	(void)pthread_attr_destroy(&detached);
	if (rc != 0) {
		(void)answer(q);
		return true;
	}
	return wait_answer(q, within);
}

/* What the failure RC of getaddrinfo means. */
static int
explain(const char *host, int rc, int saved, struct err *e)
{
	if (rc == EAI_NONAME || rc == EAI_FAIL
#ifdef EAI_NODATA
	    || rc == EAI_NODATA
#endif
#ifdef EAI_ADDRFAMILY
	    || rc == EAI_ADDRFAMILY
#endif
	)
		return err_set(
		    e, EX_NOHOST, "the host '%s' is not known: %s", host, gai_strerror(rc));
	if (rc == EAI_SYSTEM)
		return err_set_errno(e, EX_TEMPFAIL, saved, "cannot look up the host '%s'", host);
	return err_set(e, EX_TEMPFAIL, "cannot look up the host '%s': %s", host, gai_strerror(rc));
}

int
net_dns_lookup(const char *host, uint16_t port, int family, struct deadline within,
    struct addrinfo **out, struct err *e)
{
	struct question *q = question_new(host, port, family);
	int rc = 0;

	if (q == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory to look up the host '%s'", host);
	if (q->hints.ai_flags & AI_NUMERICHOST)
		q->rc = getaddrinfo(q->host, q->service, &q->hints, &q->result);
	else if (!ask(q, within))
		rc = err_set(e, EX_TEMPFAIL, "looking up the host '%s' took too long", host);
	if (rc == 0 && q->rc != 0)
		rc = explain(host, q->rc, q->saved_errno, e);
	if (rc == 0) {
		*out = q->result;
		q->result = NULL;
	}
	question_release(q);
	return rc;
}
