/*
 * resolver: see resolver.h.
 *
 * libresolv retries, and waits, by resolv.conf(5) and without a limit while it reads over TCP, so
 * it runs in a thread (net/apart). Where it is a libc's that keeps no state to set (musl), only the
 * system's name servers can be asked.
 */
#include <config.h>

#include <sys/types.h>

#include <netinet/in.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>

#include "net/apart.h"
#include "net/name.h"
#include "net/resolver.h"

#include "base/banned.h"

enum { PORT = 53 };

/* A question, and what came of it. */
struct question {
	struct net_apart job; /* the first */
	struct net_resolver resolver;
	char name[NET_NAME_SIZE];
	int type;
	int len;     /* of the answer; -1: none */
	int trouble; /* h_errno's, where there is none */
	unsigned char answer[NET_RECORD_ANSWER_MAX];
};

/* Takes TEXT apart; *PORT has no value where there is none. */
static bool
split(struct slice text, struct slice *address, struct slice *port)
{
	size_t colon = str_find(text, ':');

	*address = text;
	*port = (struct slice){NULL, 0};
	if (text.len > 0 && text.ptr[0] == '[') {
		struct slice rest = str_range(text.ptr + 1, text.ptr + text.len);

		*address = str_cut(&rest, ']');
		if (rest.ptr == NULL || (rest.len > 0 && rest.ptr[0] != ':'))
			return false;
		(void)str_cut(&rest, ':');
		*port = rest;
	} else if (memrchr(text.ptr, ':', text.len) == text.ptr + colon) {
		*port = text;
		*address = str_cut(port, ':');
	}
	return true;
}

int
net_resolver_parse(struct slice text, struct net_resolver *out, struct err *e)
{
	struct slice address, port;
	uint64_t number = PORT;

	if (split(text, &address, &port) &&
	    (port.ptr == NULL || str_number(port, 1, UINT16_MAX, &number)) &&
	    str_copy(out->address, sizeof out->address, address) &&
	    net_name_is_address(out->address)) {
		out->port = (uint16_t)number;
		return 0;
	}
	(void)err_set(e, EX_USAGE, "'%.*s' is not the address of a name server", STR_ARGS(text));
	return err_hint(e, "write 192.0.2.1, 192.0.2.1:5353 or [2001:db8::1]:5353");
}

#ifdef HAVE_RES_NQUERY

/* Has STATE ask RESOLVER. glibc keeps IPv6 servers apart, and frees them with the state. */
static bool
choose_server(const struct net_resolver *resolver, res_state state)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(resolver->port)};
	struct sockaddr_in6 *v6;

	if (resolver->address[0] == '\0')
		return true;
	state->nscount = 1;
	if (inet_pton(AF_INET, resolver->address, &v4.sin_addr) == 1) {
		state->nsaddr_list[0] = v4;
		return true;
	}
	v6 = calloc(1, sizeof *v6);
	if (v6 == NULL || inet_pton(AF_INET6, resolver->address, &v6->sin6_addr) != 1) {
		free(v6);
		return false;
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(resolver->port);
	state->nsaddr_list[0].sin_family = 0;
	free(state->_u._ext.nsaddrs[0]);
	state->_u._ext.nsaddrs[0] = v6;
	return true;
}

static void
answer(struct net_apart *job)
{
	struct question *q = (struct question *)(void *)job;
	struct __res_state state = {.nscount = 0};

	q->len = -1;
	q->trouble = TRY_AGAIN;
	if (res_ninit(&state) != 0)
		return;
	/* Longer answers by UDP, where TCP may be blocked (RFC 6891). */
	state.options |= RES_USE_EDNS0;
	if (choose_server(&q->resolver, &state))
		q->len =
		    res_nquery(&state, q->name, ns_c_in, q->type, q->answer, (int)sizeof q->answer);
	q->trouble = state.res_h_errno;
	res_nclose(&state);
}

static const bool can_choose = true;

#else

static void
answer(struct net_apart *job)
{
	struct question *q = (struct question *)(void *)job;

	q->len = res_query(q->name, ns_c_in, q->type, q->answer, (int)sizeof q->answer);
	q->trouble = h_errno;
}

static const bool can_choose = false;

#endif

static void
release(struct net_apart *job)
{
	free(job);
}

/* What is there instead of an answer. */
static int
judge(const struct question *q, struct net_records *out, struct err *e)
{
	if (q->trouble == HOST_NOT_FOUND || q->trouble == NO_DATA) {
		out->exists = q->trouble == NO_DATA;
		return 0;
	}
	(void)err_set(e, EX_TEMPFAIL, "no name server can say now");
	return err_hint(e, "see that this machine's network works, and what /etc/resolv.conf says");
}

int
net_resolver_ask(const struct net_resolver *resolver, const char *name, enum net_record_type type,
    struct deadline within, struct net_records *out, struct err *e)
{
	struct question *q = calloc(1, sizeof *q);
	int rc;

	if (q == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory to ask a name server");
	net_apart_init(&q->job, answer, release);
	q->resolver = *resolver;
	q->type = net_record_type_number(type);
	if (!can_choose && resolver->address[0] != '\0')
		rc = err_set(e, EX_UNAVAILABLE,
		    "on this system no other name servers than its own can be asked");
	else if (!str_copy(q->name, sizeof q->name, str_slice(name)))
		rc = err_set(e, EX_PROTOCOL, "the name is too long");
	else if (!net_apart_run(&q->job, within))
		rc = err_set(e, EX_TEMPFAIL, "no name server has answered in time");
	else if (q->len < 0)
		rc = judge(q, out, e);
	else
		rc = net_record_parse(
		    (struct slice){(const char *)q->answer, (size_t)q->len}, type, out, e);
	if (rc != 0)
		(void)err_prefix(e, "looking up %s of '%s'", net_record_type_name(type), name);
	net_apart_release(&q->job);
	return rc;
}
