/*
 * reception: see reception.h.
 */
#include <config.h>

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "imbucad/reception.h"
#include "net/listen.h"
#include "net/listen_unix.h"
#include "smtp/refusal.h"

#include "base/banned.h"

enum {
	EVENTS = 64,
	TICK = 1000,
	END_TIMEOUT = 25000,	 /* milliseconds for messages under way: before the daemon ends */
	CHANGE_TIMEOUT = 600000, /* and where another configuration has taken over */
	CHANGE_GRACE = 5000, /* and for a message to begin then, as who has just come wants to */
};

/* Something that epoll watches: a session's client or its call, a listener, or (with neither) the
 * signals. */
struct watch {
	int fd;
	short wants; /* what epoll was told, POLLIN or POLLOUT; 0 where it is not watched */
	bool is_call;
	const struct imbucad_reception_listener *listener;
	struct guest *guest;
};

/* A session, and its place in the list of sessions. */
struct guest {
	struct imbucad_session *session; /* NULL when it is over */
	struct watch client, call;
	uint64_t peer; /* the same for the same address, or user */
	struct guest *next, **self;
};

struct imbucad_reception {
	const struct imbucad_reception_params *params;
	int epoll, signals;
	uid_t self;	       /* whose process this is; in the sandbox that cannot be asked */
	struct watch *watches; /* of the listeners, and of the signals behind them */
	struct guest *guests;
	struct guest *gone; /* over since this round's events were taken */
	size_t count;
	bool draining;
	struct deadline closing; /* sessions without a message end from then on */
	struct deadline drained; /* what is under way then is given up */
};

/* Has epoll wait for WANTS on W; poll's bits are epoll's. */
static int
watch_for(const struct imbucad_reception *r, struct watch *w, short wants)
{
	struct epoll_event event = {.events = (uint32_t)wants, .data.ptr = w};
	int operation = wants == 0 ? EPOLL_CTL_DEL : w->wants == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;

	if (w->wants == wants)
		return 0;
	w->wants = wants;
	return epoll_ctl(r->epoll, operation, w->fd, &event);
}

static void
remove_guest(struct imbucad_reception *r, struct guest *g)
{
	*g->self = g->next;
	if (g->next != NULL)
		g->next->self = g->self;
	imbucad_session_free(g->session);
	g->session = NULL;
	g->next = r->gone;
	r->gone = g;
	r->count--;
}

/* Watches what G waits for: WANTS of its client, or the answer to its call. */
static int
rearm(struct imbucad_reception *r, struct guest *g, int wants)
{
	int call = imbucad_session_call(g->session);

	if (call != -1 && g->call.wants == 0) {
		g->call.fd = call;
		return watch_for(r, &g->call, POLLIN);
	}
	/* While the call lasts the client is left as it is: mostly it waits for its reply. */
	return wants == 0 ? 0 : watch_for(r, &g->client, (short)wants);
}

/* Lets the session of G go on. */
static void
go_on(struct imbucad_reception *r, struct guest *g)
{
	int wants = imbucad_session_run(g->session);

	if (wants == IMBUCAD_SESSION_OVER || rearm(r, g, wants) == -1)
		remove_guest(r, g);
}

/* Something comes from G's client, or it is gone: that must wait where a call is under way. */
static void
hear_client(struct imbucad_reception *r, struct guest *g)
{
	if (imbucad_session_call(g->session) == -1)
		go_on(r, g);
	else
		(void)watch_for(r, &g->client, 0);
}

/* The answer to G's call is there. Its socket goes out of epoll's sight as it is closed. */
static void
hear_call(struct imbucad_reception *r, struct guest *g)
{
	g->call.wants = 0;
	imbucad_session_answered(g->session);
	go_on(r, g);
}

static void
say_last_word(struct imbucad_reception *r, struct guest *g, const char *enhanced, const char *text)
{
	struct err e = ERR_INIT;

	if (imbucad_session_is_ending(g->session)) {
		remove_guest(r, g);
		return;
	}
	(void)smtp_refusal(&e, 421, enhanced, "%s", text);
	g->call.wants = 0;
	imbucad_session_end(g->session, &e);
	go_on(r, g);
}

/* --- connections --- */

/* FNV-1a over what ORIGIN is known by. */
static uint64_t
peer_of(const struct imbucad_origin *origin)
{
	uint64_t hash = 14695981039346656037U ^ origin->uid;

	for (const char *c = origin->address; *c != '\0'; c++)
		hash = (hash ^ (unsigned char)*c) * 1099511628211U;
	return hash;
}

/* Has G's peer as many sessions as one may have? Loopback is all the users of this machine. */
static bool
is_greedy(
    const struct imbucad_reception *r, const struct guest *g, const struct imbucad_origin *origin)
{
	size_t count = 0;

	if (origin->kind == IMBUCAD_ORIGIN_LOOPBACK)
		return false;
	for (const struct guest *other = r->guests; other != NULL; other = other->next)
		count += other->peer == g->peer ? 1 : 0;
	return count > r->params->max_sessions_per_peer;
}

static void
add_guest(struct imbucad_reception *r, int fd, const struct imbucad_reception_listener *listener,
    const struct imbucad_origin *origin)
{
	struct guest *g = calloc(1, sizeof *g);
	struct imbucad_session *session = imbucad_session_new(&listener->service, fd, origin);

	if (g == NULL || session == NULL) {
		if (session != NULL)
			imbucad_session_free(session);
		free(g);
		return;
	}
	*g = (struct guest){
	    .session = session, .peer = peer_of(origin), .next = r->guests, .self = &r->guests};
	g->client = (struct watch){.fd = fd, .guest = g};
	g->call = (struct watch){.fd = -1, .is_call = true, .guest = g};
	if (r->guests != NULL)
		r->guests->self = &g->next;
	r->guests = g;
	r->count++;
	if (r->count > r->params->max_sessions || is_greedy(r, g, origin)) {
		imbucad_session_withhold_greeting(session);
		say_last_word(r, g, "4.3.2", "Too many connections, please come back later");
	} else {
		go_on(r, g);
	}
}

/* Who is behind the connection FD. False for somebody who has no business there. */
static bool
find_origin(const struct imbucad_reception *r, int fd, const struct net_peer *peer, bool is_door,
    struct imbucad_origin *out)
{
	uid_t uid;

	*out = (struct imbucad_origin){IMBUCAD_ORIGIN_NETWORK, 0, peer->address, "", "", "", ""};
	if (net_listen_unix_peer(fd, &uid)) {
		out->kind = is_door ? IMBUCAD_ORIGIN_QUEUE : IMBUCAD_ORIGIN_UNIX;
		out->uid = uid;
		out->address = "";
	} else {
		out->kind = imbucad_origin_of(peer->address);
	}
	return !is_door || (out->kind == IMBUCAD_ORIGIN_QUEUE && uid == r->self);
}

/* Takes the connections that wait. Twice the sessions allowed is where they are not even told why.
 */
static void
take_connections(struct imbucad_reception *r, const struct imbucad_reception_listener *listener)
{
	struct imbucad_origin origin;
	struct net_peer peer;

	for (int i = 0; i < EVENTS; i++) {
		int fd = net_listen_accept(listener->fd, &peer);

		if (fd == -1)
			return;
		if (find_origin(r, fd, &peer, listener->service.is_door, &origin) &&
		    r->count < 2 * r->params->max_sessions)
			add_guest(r, fd, listener, &origin);
		else
			(void)close(fd);
	}
}

/* --- the loop --- */

/* No new connections; sessions without a message end, the others may finish theirs. */
static void
hear_signal(struct imbucad_reception *r)
{
	struct signalfd_siginfo info;
	bool is_change;

	if (read(r->signals, &info, sizeof info) != sizeof info)
		return;
	for (size_t i = 0; i < r->params->listeners_count; i++)
		(void)watch_for(r, &r->watches[i], 0);
	is_change = info.ssi_signo == SIGUSR1;
	r->draining = true;
	r->closing = deadline_sooner(r->closing, deadline_in(is_change ? CHANGE_GRACE : 0));
	r->drained =
	    deadline_sooner(r->drained, deadline_in(is_change ? CHANGE_TIMEOUT : END_TIMEOUT));
}

static void
dispatch(struct imbucad_reception *r, struct watch *w)
{
	if (w->guest != NULL && w->is_call)
		hear_call(r, w->guest);
	else if (w->guest != NULL)
		hear_client(r, w->guest);
	else if (w->listener != NULL)
		take_connections(r, w->listener);
	else
		hear_signal(r);
}

/* Is SESSION to end, since this process does? */
static bool
is_unwanted(const struct imbucad_reception *r, const struct imbucad_session *session)
{
	const struct deadline *until = imbucad_session_is_busy(session) ? &r->drained : &r->closing;

	return r->draining && !imbucad_session_is_ending(session) && deadline_over(*until);
}

/* Ends sessions whose time is over, and when draining those without a message; at last all. */
static void
look_around(struct imbucad_reception *r)
{
	struct guest *next;

	for (struct guest *g = r->guests; g != NULL; g = next) {
		next = g->next;
		if (deadline_over(imbucad_session_deadline(g->session)))
			say_last_word(r, g, "4.4.2", "That took too long");
		else if (is_unwanted(r, g->session))
			say_last_word(r, g, "4.3.2", "The server is going down");
	}
}

/* Frees those that are gone, when no event of this round can be theirs any more. */
static void
bury(struct imbucad_reception *r)
{
	while (r->gone != NULL) {
		struct guest *g = r->gone;

		r->gone = g->next;
		free(g);
	}
}

void
imbucad_reception_run(struct imbucad_reception *r)
{
	struct epoll_event events[EVENTS];
	struct deadline tick = deadline_in(TICK);

	while (!r->draining || r->count > 0) {
		int n = epoll_wait(r->epoll, events, EVENTS, deadline_left(tick));

		for (int i = 0; i < n; i++) {
			const struct watch *w = events[i].data.ptr;

			if (w->guest == NULL || w->guest->session != NULL)
				dispatch(r, events[i].data.ptr);
		}
		if (r->draining || deadline_over(tick)) {
			look_around(r);
			tick = deadline_in(TICK);
		}
		bury(r);
	}
}

/* --- beginning and end --- */

/* Watches the listeners and the signals. */
static int
begin(struct imbucad_reception *r)
{
	size_t n = r->params->listeners_count;

	for (size_t i = 0; i <= n; i++) {
		const struct imbucad_reception_listener *listener =
		    i < n ? &r->params->listeners[i] : NULL;

		r->watches[i] =
		    (struct watch){.fd = i < n ? listener->fd : r->signals, .listener = listener};
		if (watch_for(r, &r->watches[i], POLLIN) == -1)
			return -1;
	}
	return 0;
}

struct imbucad_reception *
imbucad_reception_new(const struct imbucad_reception_params *params, struct err *e)
{
	struct imbucad_reception *r = calloc(1, sizeof *r);
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGUSR1);
	(void)sigprocmask(SIG_SETMASK, &set, NULL);
	if (r != NULL) {
		r->params = params;
		r->self = geteuid();
		r->closing.at = r->drained.at = INT64_MAX;
		r->epoll = epoll_create1(EPOLL_CLOEXEC);
		r->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
		r->watches = calloc(params->listeners_count + 1, sizeof *r->watches);
		if (r->epoll != -1 && r->signals != -1 && r->watches != NULL && begin(r) == 0)
			return r;
	}
	(void)err_set_errno(e, EX_OSERR, errno, "cannot begin to take connections");
	imbucad_reception_free(r);
	return NULL;
}

void
imbucad_reception_free(struct imbucad_reception *r)
{
	if (r == NULL)
		return;
	while (r->guests != NULL)
		remove_guest(r, r->guests);
	bury(r);
	free(r->watches);
	if (r->signals != -1)
		(void)close(r->signals);
	if (r->epoll != -1)
		(void)close(r->epoll);
	free(r);
}
