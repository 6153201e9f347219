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
#include <unistd.h>

#include "imbucad/reception.h"
#include "net/listen.h"
#include "smtp/refusal.h"

#include "base/banned.h"

enum { EVENTS = 64, TICK = 1000, DRAIN_TIMEOUT = 30000 };

/* Something that epoll watches: a session, a listener, or (with neither) the signals. */
struct watch {
	int fd;
	short wants; /* what epoll was told, POLLIN or POLLOUT */
	const struct imbucad_reception_listener *listener;
	struct imbucad_session *session;
	struct watch *next, **self; /* a session's place in the list of sessions */
};

struct reception {
	const struct imbucad_reception_params *params;
	int epoll;
	struct watch *sessions;
	size_t count;
	bool draining;
	struct deadline drained; /* by then */
};

/* Tells epoll what W waits for; poll's bits are epoll's. */
static int
tell(const struct reception *r, struct watch *w, int operation, short wants)
{
	struct epoll_event event = {.events = (uint32_t)wants, .data.ptr = w};

	w->wants = wants;
	return epoll_ctl(r->epoll, operation, w->fd, &event);
}

static void
remove_session(struct reception *r, struct watch *w)
{
	*w->self = w->next;
	if (w->next != NULL)
		w->next->self = w->self;
	imbucad_session_free(w->session);
	free(w);
	r->count--;
}

/* Lets the session of W go on. */
static void
go_on(struct reception *r, struct watch *w)
{
	short wants = imbucad_session_run(w->session);

	if (wants == 0 || (wants != w->wants && tell(r, w, EPOLL_CTL_MOD, wants) == -1))
		remove_session(r, w);
}

static void
say_last_word(struct reception *r, struct watch *w, const char *enhanced, const char *text)
{
	struct err e = ERR_INIT;

	if (imbucad_session_is_ending(w->session)) {
		remove_session(r, w);
		return;
	}
	(void)smtp_refusal(&e, 421, enhanced, "%s", text);
	imbucad_session_end(w->session, &e);
	go_on(r, w);
}

static void
add_session(struct reception *r, int fd, const struct net_peer *peer, bool tls)
{
	struct watch *w = calloc(1, sizeof *w);
	struct imbucad_session *session = imbucad_session_new(r->params->service, fd, peer, tls);

	if (w == NULL || session == NULL) {
		if (session != NULL)
			imbucad_session_free(session);
		free(w);
		return;
	}
	*w =
	    (struct watch){.fd = fd, .session = session, .next = r->sessions, .self = &r->sessions};
	if (r->sessions != NULL)
		r->sessions->self = &w->next;
	r->sessions = w;
	r->count++;
	if (tell(r, w, EPOLL_CTL_ADD, POLLIN) == -1)
		remove_session(r, w);
	else if (r->count > r->params->max_sessions)
		say_last_word(r, w, "4.3.2", "Too many connections, please come back later");
	else
		go_on(r, w);
}

/* Takes the connections that wait. Twice the sessions allowed is where they are not even told why.
 */
static void
take_connections(struct reception *r, const struct imbucad_reception_listener *listener)
{
	struct net_peer peer;

	for (int i = 0; i < EVENTS; i++) {
		int fd = net_listen_accept(listener->fd, &peer);

		if (fd == -1)
			return;
		if (r->count < 2 * r->params->max_sessions)
			add_session(r, fd, &peer, listener->tls);
		else
			(void)close(fd);
	}
}

/* No new connections; sessions without a message end, the others may finish theirs. One signal will
 * do. */
static void
begin_draining(struct reception *r, const struct watch *signals)
{
	(void)epoll_ctl(r->epoll, EPOLL_CTL_DEL, signals->fd, NULL);
	for (size_t i = 0; i < r->params->listeners_count; i++)
		(void)epoll_ctl(r->epoll, EPOLL_CTL_DEL, r->params->listeners[i].fd, NULL);
	r->draining = true;
	r->drained = deadline_in(DRAIN_TIMEOUT);
}

static void
dispatch(struct reception *r, struct watch *w)
{
	if (w->session != NULL)
		go_on(r, w);
	else if (w->listener != NULL)
		take_connections(r, w->listener);
	else
		begin_draining(r, w);
}

/* Ends sessions whose time is over, and when draining those without a message. */
static void
look_around(struct reception *r)
{
	struct watch *next;

	for (struct watch *w = r->sessions; w != NULL; w = next) {
		bool ending = imbucad_session_is_ending(w->session);

		next = w->next;
		if (deadline_over(imbucad_session_deadline(w->session)))
			say_last_word(r, w, "4.4.2", "That took too long");
		else if (r->draining && !ending && !imbucad_session_is_busy(w->session))
			say_last_word(r, w, "4.3.2", "The server is going down");
	}
}

static void
loop(struct reception *r)
{
	struct epoll_event events[EVENTS];
	struct deadline tick = deadline_in(TICK);

	while (!r->draining || (r->count > 0 && !deadline_over(r->drained))) {
		int n = epoll_wait(r->epoll, events, EVENTS, deadline_left(tick));

		for (int i = 0; i < n; i++)
			dispatch(r, events[i].data.ptr);
		if (r->draining || deadline_over(tick)) {
			look_around(r);
			tick = deadline_in(TICK);
		}
	}
	while (r->sessions != NULL)
		remove_session(r, r->sessions);
}

/* Watches the listeners and the signals through the WATCHES, one more than there are listeners. */
static int
begin(struct reception *r, struct watch *watches, int signals)
{
	size_t n = r->params->listeners_count;

	watches[n] = (struct watch){.fd = signals};
	if (tell(r, &watches[n], EPOLL_CTL_ADD, POLLIN) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct imbucad_reception_listener *listener = &r->params->listeners[i];

		watches[i] = (struct watch){.fd = listener->fd, .listener = listener};
		if (tell(r, &watches[i], EPOLL_CTL_ADD, POLLIN) == -1)
			return -1;
	}
	return 0;
}

int
imbucad_reception_run(const struct imbucad_reception_params *params, struct err *e)
{
	struct reception r = {.params = params, .epoll = epoll_create1(EPOLL_CLOEXEC)};
	struct watch *watches = calloc(params->listeners_count + 1, sizeof *watches);
	int signals, status = 0;
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (r.epoll == -1 || watches == NULL || signals == -1 || begin(&r, watches, signals) == -1)
		status = err_set_errno(e, EX_OSERR, errno, "cannot begin");
	else
		loop(&r);
	free(watches);
	if (signals != -1)
		(void)close(signals);
	if (r.epoll != -1)
		(void)close(r.epoll);
	return status;
}
