/*
 * dns: see dns.h.
 */
#include <config.h>

#include <sys/socket.h>

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>

#include "net/apart.h"
#include "net/dns.h"
#include "net/name.h"

#include "base/banned.h"

/* A look-up, and what came of it. */
struct question {
	struct net_apart job; /* the first */
	char host[NET_NAME_SIZE];
	char service[8];
	struct addrinfo hints;
	struct addrinfo *result; /* NULL unless rc is 0 */
	int rc;
	int saved_errno;
};

static void
answer(struct net_apart *job)
{
	struct question *q = (struct question *)(void *)job;

	q->rc = getaddrinfo(q->host, q->service, &q->hints, &q->result);
	q->saved_errno = errno;
	if (q->rc != 0)
		q->result = NULL;
}

static void
release(struct net_apart *job)
{
	struct question *q = (struct question *)(void *)job;

	if (q->result != NULL)
		freeaddrinfo(q->result);
	free(q);
}

static struct question *
question_new(const char *host, uint16_t port, int family)
{
	struct question *q = calloc(1, sizeof *q);

	if (q == NULL)
		return NULL;
	net_apart_init(&q->job, answer, release);
	(void)str_copy(q->host, sizeof q->host, str_slice(host));
	(void)snprintf(q->service, sizeof q->service, "%u", (unsigned)port);
	q->hints.ai_family = family;
	q->hints.ai_socktype = SOCK_STREAM;
	q->hints.ai_flags = AI_NUMERICSERV | AI_CANONNAME;
	if (net_name_is_address(host))
		q->hints.ai_flags |= AI_NUMERICHOST;
	return q;
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
	) {
		(void)err_set(
		    e, EX_NOHOST, "the host '%s' is not known: %s", host, gai_strerror(rc));
		return err_failure(e, "unknown_host");
	}
	if (rc == EAI_SYSTEM)
		(void)err_set_errno(e, EX_TEMPFAIL, saved, "cannot look up the host '%s'", host);
	else
		(void)err_set(
		    e, EX_TEMPFAIL, "cannot look up the host '%s': %s", host, gai_strerror(rc));
	return err_failure(e, "no_name_server");
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
		answer(&q->job);
	else if (!net_apart_run(&q->job, within)) {
		(void)err_set(e, EX_TEMPFAIL, "looking up the host '%s' took too long", host);
		rc = err_failure(e, "no_name_server");
	}
	if (rc == 0 && q->rc != 0)
		rc = explain(host, q->rc, q->saved_errno, e);
	if (rc == 0) {
		*out = q->result;
		q->result = NULL;
	}
	net_apart_release(&q->job);
	return rc;
}
