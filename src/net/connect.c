/*
 * connect: see connect.h.
 */
#include <config.h>

#include <sys/socket.h>

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "net/connect.h"
#include "net/dns.h"

#include "base/banned.h"

enum {
	RACERS_MAXIMUM = 16, /* addresses that are tried at the most */
	HEAD_START = 250,    /* milliseconds, RFC 8305 section 5 */
};

struct race {
	const struct addrinfo *address[RACERS_MAXIMUM]; /* in the order in which they start */
	struct pollfd racer[RACERS_MAXIMUM];		/* fd is -1 where one has failed */
	size_t count, started, running;
	int last_error; /* errno of the last that failed */
};

/* Puts the addresses of LIST in order: the families take turns, the first one's first. */
static void
line_up(struct race *race, const struct addrinfo *list)
{
	const struct addrinfo *same = list, *other = list;
	bool turn = true;

	while (race->count < RACERS_MAXIMUM) {
		const struct addrinfo **next = turn ? &same : &other;

		while (*next != NULL && ((*next)->ai_family == list->ai_family) != turn)
			*next = (*next)->ai_next;
		if (*next != NULL) {
			race->address[race->count++] = *next;
			*next = (*next)->ai_next;
		} else if ((turn ? other : same) == NULL) {
			return;
		}
		turn = !turn;
	}
}

/* Starts the next address. It may be that it fails, or has connected, at once. */
static void
start_next(struct race *race)
{
	const struct addrinfo *a = race->address[race->started];
	struct pollfd *racer = &race->racer[race->started++];
	int one = 1;

	*racer = (struct pollfd){-1, POLLOUT, 0};
	racer->fd =
	    socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
	if (racer->fd < 0) {
		race->last_error = errno;
		return;
	}
	(void)setsockopt(racer->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (connect(racer->fd, a->ai_addr, a->ai_addrlen) == 0 || errno == EINPROGRESS) {
		race->running++;
		return;
	}
	race->last_error = errno;
	(void)close(racer->fd);
	racer->fd = -1;
}

/* Looks at the racers that poll has news of. Returns the index of one that has connected, or -1. */
static int
look(struct race *race)
{
	for (size_t i = 0; i < race->started; i++) {
		struct pollfd *racer = &race->racer[i];
		socklen_t len = sizeof race->last_error;
		int problem = 0;

		if (racer->fd < 0 || racer->revents == 0)
			continue;
		if (getsockopt(racer->fd, SOL_SOCKET, SO_ERROR, &problem, &len) != 0)
			problem = errno;
		if (problem == 0)
			return (int)i;
		race->last_error = problem;
		(void)close(racer->fd);
		racer->fd = -1;
		race->running--;
	}
	return -1;
}

/* Runs the race. Returns the index of the winner, -1 where there is none. */
static int
run(struct race *race, struct deadline within)
{
	struct deadline next = deadline_in(0);

	while (race->running > 0 || race->started < race->count) {
		bool more = race->started < race->count;
		int winner;

		if (deadline_over(within)) {
			race->last_error = ETIMEDOUT;
			return -1;
		}
		if (more && (race->running == 0 || deadline_over(next))) {
			start_next(race);
			next = deadline_in(HEAD_START);
			continue;
		}
		if (poll(race->racer, race->started,
			deadline_left(more ? deadline_sooner(next, within) : within)) <= 0)
			continue;
		winner = look(race);
		if (winner >= 0)
			return winner;
	}
	return -1;
}

static void
describe(const struct addrinfo *a, uint16_t port, struct net_peer *peer)
{
	peer->port = port;
	if (getnameinfo(a->ai_addr, a->ai_addrlen, peer->address, sizeof peer->address, NULL, 0,
		NI_NUMERICHOST) != 0)
		(void)str_copy(peer->address, sizeof peer->address, str_slice("unknown"));
}

int
net_connect(const struct net_connect_params *params, struct deadline within, struct net_peer *peer,
    struct err *e)
{
	struct addrinfo *list = NULL;
	struct race race = {.last_error = 0};
	int winner, fd = -1;

	if (net_dns_lookup(params->host, params->port, params->family, within, &list, e) != 0)
		return -1;
	line_up(&race, list);
	winner = run(&race, within);
	for (size_t i = 0; i < race.started; i++) {
		if ((int)i == winner)
			fd = race.racer[i].fd;
		else if (race.racer[i].fd >= 0)
			(void)close(race.racer[i].fd);
	}
	if (winner >= 0)
		describe(race.address[winner], params->port, peer);
	else
		(void)err_set_errno(e, EX_TEMPFAIL, race.last_error,
		    "cannot connect to '%s' port %u", params->host, (unsigned)params->port);
	freeaddrinfo(list);
	return fd;
}
