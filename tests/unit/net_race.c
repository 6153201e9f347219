/*
 * Units of net/race: who wins where addresses are silent, refuse, or are of two families.
 */
#include <config.h>

#include <sys/socket.h>

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/race.h"

#include "base/banned.h"

enum { MOST = 8, MANY = 40, PATIENCE = 30000 };

/* An address of loopback with what listens there. */
struct place {
	struct sockaddr_in address;
	struct addrinfo info;
	int listener, filling[MOST];
};

/* Opens P at 127.0.0.HOST with a free port. BACKLOG connections wait there; -1: nobody listens. */
static void
open_place(struct place *p, unsigned host, int backlog)
{
	socklen_t len = sizeof p->address;

	*p = (struct place){.address = {.sin_family = AF_INET}};
	p->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + host);
	p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(p->listener >= 0);
	assert_int_equal(bind(p->listener, (struct sockaddr *)&p->address, len), 0);
	if (backlog >= 0)
		assert_int_equal(listen(p->listener, backlog), 0);
	assert_int_equal(getsockname(p->listener, (struct sockaddr *)&p->address, &len), 0);
	p->info = (struct addrinfo){
	    .ai_family = AF_INET,
	    .ai_socktype = SOCK_STREAM,
	    .ai_addr = (struct sockaddr *)&p->address,
	    .ai_addrlen = sizeof p->address,
	};
	for (size_t i = 0; i < MOST; i++)
		p->filling[i] = -1;
}

/* Has P answer nothing any more: its queue is full, and what comes further is dropped. */
static void
silence(struct place *p)
{
	for (size_t i = 0; i < MOST; i++) {
		p->filling[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		assert_true(p->filling[i] >= 0);
		(void)connect(p->filling[i], (struct sockaddr *)&p->address, sizeof p->address);
	}
}

static void
close_place(struct place *p)
{
	for (size_t i = 0; i < MOST; i++) {
		if (p->filling[i] >= 0)
			(void)close(p->filling[i]);
	}
	(void)close(p->listener);
}

/* Races over the COUNT places in their order. The winner's index, or -1 with errno. */
static int
race(struct place *places, int count, int wait)
{
	const struct addrinfo *winner = NULL;
	int fd, saved, index = -1;

	for (int i = 0; i < count; i++)
		places[i].info.ai_next = i + 1 < count ? &places[i + 1].info : NULL;
	fd = net_race(&places[0].info, NULL, deadline_in(wait), &winner);
	saved = errno;
	for (int i = 0; i < count && fd >= 0; i++) {
		if (winner == &places[i].info)
			index = i;
	}
	if (fd >= 0)
		(void)close(fd);
	errno = saved;
	return index;
}

static void
goes_on_behind_a_silent_address(void **state)
{
	struct place places[2];
	int64_t begin = deadline_now(), took;

	(void)state;
	open_place(&places[0], 1, 0);
	open_place(&places[1], 2, 8);
	silence(&places[0]);
	assert_int_equal(race(places, 2, PATIENCE), 1);
	took = deadline_now() - begin;
	assert_true(took >= 250 && took < PATIENCE / 2);
	close_place(&places[0]);
	close_place(&places[1]);
}

static void
goes_on_at_once_behind_one_that_refuses(void **state)
{
	struct place places[2];

	(void)state;
	open_place(&places[0], 1, -1);
	open_place(&places[1], 2, 8);
	assert_int_equal(race(places, 2, PATIENCE), 1);
	assert_int_equal(race(places, 1, PATIENCE), -1);
	assert_int_equal(errno, ECONNREFUSED);
	close_place(&places[0]);
	close_place(&places[1]);
}

static void
prefers_the_first(void **state)
{
	struct place places[3];

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		open_place(&places[i], i + 1, 8);
	assert_int_equal(race(places, 3, PATIENCE), 0);
	for (size_t i = 0; i < 3; i++)
		close_place(&places[i]);
}

static void
ends_at_the_deadline(void **state)
{
	struct place place;

	(void)state;
	open_place(&place, 1, 0);
	silence(&place);
	assert_int_equal(race(&place, 1, 300), -1);
	assert_int_equal(errno, ETIMEDOUT);
	close_place(&place);
}

/* A second address of IPv4 does not wait for all those of IPv6: there are more than are tried. */
static void
has_the_families_take_turns(void **state)
{
	struct sockaddr_in6 nowhere = {.sin6_family = AF_INET6, .sin6_port = htons(9)};
	struct addrinfo sixes[MANY];
	struct place places[2];
	const struct addrinfo *winner = NULL;
	int64_t begin = deadline_now();
	int fd;

	(void)state;
	nowhere.sin6_addr.s6_addr[0] = 0x20; /* 2001:db8::, for documentation: nobody answers */
	nowhere.sin6_addr.s6_addr[1] = 0x01;
	nowhere.sin6_addr.s6_addr[2] = 0x0d;
	nowhere.sin6_addr.s6_addr[3] = 0xb8;
	open_place(&places[0], 1, 0);
	open_place(&places[1], 2, 8);
	silence(&places[0]);
	for (size_t i = 0; i < MANY; i++)
		sixes[i] = (struct addrinfo){
		    .ai_family = AF_INET6,
		    .ai_socktype = SOCK_STREAM,
		    .ai_addr = (struct sockaddr *)&nowhere,
		    .ai_addrlen = sizeof nowhere,
		    .ai_next = i + 1 < MANY ? &sixes[i + 1] : &places[1].info,
		};
	places[0].info.ai_next = &sixes[0];
	fd = net_race(&places[0].info, NULL, deadline_in(PATIENCE), &winner);
	assert_true(fd >= 0);
	assert_ptr_equal(winner, &places[1].info);
	assert_true(deadline_now() - begin < PATIENCE / 2);
	(void)close(fd);
	close_place(&places[0]);
	close_place(&places[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(goes_on_behind_a_silent_address),
	    cmocka_unit_test(goes_on_at_once_behind_one_that_refuses),
	    cmocka_unit_test(prefers_the_first),
	    cmocka_unit_test(ends_at_the_deadline),
	    cmocka_unit_test(has_the_families_take_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
