/*
 * loopback: see loopback.h.
 */
#include <config.h>

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "net/listen.h"
#include "oauth/form.h"
#include "oauth/loopback.h"

#include "base/banned.h"

enum {
	GUESTS = 8, /* connections at a time; browsers open some in advance */
	REQUEST_MAXIMUM = 16 << 10,
};

/* A connection: FD is -1 where there is none. */
struct guest {
	int fd;
	struct buf request;
};

static const char page[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n"
    "Referrer-Policy: no-referrer\r\nConnection: close\r\n\r\n"
    "<!DOCTYPE html><title>imbuca</title><p>imbuca has the answer, and says in its terminal what "
    "came of it. This page can be closed.\n";
static const char nothing[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n"
			      "Connection: close\r\n\r\n";

int
oauth_loopback_open(uint16_t *port, struct err *e)
{
	struct net_peer bound;
	int fd = net_listen(str_slice("127.0.0.1"), 0, &bound, e);

	if (fd >= 0)
		*port = bound.port;
	return fd;
}

static void
leave(struct guest *g)
{
	if (g->fd >= 0)
		(void)close(g->fd);
	g->fd = -1;
	buf_wipe(&g->request);
}

/* Says TEXT, as far as the guest takes it at once: it is far shorter than any socket's buffer. */
static void
say(struct guest *g, const char *text)
{
	if (send(g->fd, text, strlen(text), MSG_NOSIGNAL) > 0)
		(void)shutdown(g->fd, SHUT_WR);
	leave(g);
}

/* Takes in a new guest; without a place for it the first one has to go. */
static void
welcome(int fd, struct guest guests[GUESTS])
{
	struct net_peer peer;
	int came = net_listen_accept(fd, &peer), at = 0;

	if (came < 0)
		return;
	while (at < GUESTS && guests[at].fd >= 0)
		at++;
	if (at == GUESTS)
		leave(&guests[at = 0]);
	guests[at] = (struct guest){came, BUF_INIT(REQUEST_MAXIMUM)};
}

/* Is QUERY the answer to some login: has it a state (RFC 6749 4.1.2, 4.1.2.1)? */
static bool
is_answer(struct slice query)
{
	struct buf state = BUF_INIT(REQUEST_MAXIMUM);
	bool is = oauth_form_find(query, "state", &state);

	buf_free(&state);
	return is;
}

/* The query of "GET /?QUERY HTTP/1.1", without a value in any other request. */
static struct slice
query_of(struct slice request)
{
	struct slice line = str_cut(&request, '\r');
	struct slice none = {NULL, 0}, target;

	if (!str_is(str_cut(&line, ' '), "GET"))
		return none;
	target = str_cut(&line, ' ');
	return str_is(str_cut(&target, '?'), "/") && is_answer(target) ? target : none;
}

/* Reads what the guest says. True where it is the answer, which is in OUT then. */
static bool
attend(struct guest *g, struct buf *out)
{
	char *room = buf_room(&g->request, 1024);
	ssize_t n = room != NULL ? read(g->fd, room, 1024) : 0;
	struct slice query;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		leave(g);
		return false;
	}
	buf_grew(&g->request, (size_t)n);
	if (strstr(buf_text(&g->request), "\r\n\r\n") == NULL)
		return false;
	query = query_of(buf_slice(&g->request));
	if (query.ptr == NULL) {
		say(g, nothing);
		return false;
	}
	buf_add_slice(out, query);
	say(g, page);
	return true;
}

/* Waits for whoever moves. True where one of them had the answer. */
static bool
wait_once(int fd, struct guest guests[GUESTS], struct deadline within, struct buf *out)
{
	struct pollfd ready[GUESTS + 1] = {{fd, POLLIN, 0}};

	for (int i = 0; i < GUESTS; i++)
		ready[i + 1] = (struct pollfd){guests[i].fd, POLLIN, 0};
	if (poll(ready, GUESTS + 1, deadline_left(within)) <= 0)
		return false;
	for (int i = 0; i < GUESTS; i++) {
		if (ready[i + 1].revents != 0 && attend(&guests[i], out))
			return true;
	}
	if (ready[0].revents != 0)
		welcome(fd, guests);
	return false;
}

int
oauth_loopback_take(int fd, struct deadline within, struct buf *out, struct err *e)
{
	struct guest guests[GUESTS];
	bool came = false;

	for (int i = 0; i < GUESTS; i++)
		guests[i] = (struct guest){-1, BUF_INIT(REQUEST_MAXIMUM)};
	while (!came && !deadline_over(within))
		came = wait_once(fd, guests, within, out);
	for (int i = 0; i < GUESTS; i++)
		leave(&guests[i]);
	return came ? 0 : err_set(e, EX_TEMPFAIL, "no browser came back with an answer");
}
