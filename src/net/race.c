/*
 * race: see race.h.
 */
#include <config.h>

#include <sys/socket.h>

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include "net/race.h"

#include "base/banned.h"

enum {
	RACERS_MAXIMUM = 16, /* addresses that are tried at the most */
	HEAD_START = 250,    /* milliseconds, RFC 8305 section 5 */
};

struct race {
	const struct addrinfo *source;			/* where to come from; NULL: anywhere */
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

/* A socket for the address A, bound to SOURCE (NULL: to nothing); -1 with errno. */
static int
make_socket(const struct addrinfo *a, const struct addrinfo *source)
{
	int one = 1, saved;
	int fd =
	    socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (source == NULL || bind(fd, source->ai_addr, source->ai_addrlen) == 0)
		return fd;
	saved = errno;
	(void)close(fd);
	errno = saved;
	return -1;
}

/* Starts the next address. It may be that it fails, or has connected, at once. */
static void
start_next(struct race *race)
{
	const struct addrinfo *a = race->address[race->started];
	struct pollfd *racer = &race->racer[race->started++];

	*racer = (struct pollfd){make_socket(a, race->source), POLLOUT, 0};
	if (racer->fd < 0) {
		race->last_error = errno;
		return;
	}
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

int
net_race(const struct addrinfo *list, const struct addrinfo *source, struct deadline within,
    const struct addrinfo **winner)
{
	struct race race = {.source = source};
	int first, fd = -1;

	line_up(&race, list);
	first = run(&race, within);
	for (size_t i = 0; i < race.started; i++) {
		if ((int)i == first)
			fd = race.racer[i].fd;
		else if (race.racer[i].fd >= 0)
			(void)close(race.racer[i].fd);
	}
	if (first >= 0)
		*winner = race.address[first];
	else
		errno = race.last_error;
	return fd;
}
