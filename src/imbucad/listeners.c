/*
 * listeners: see listeners.h.
 */
#include <config.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <grp.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

#include "imbucad/listeners.h"
#include "net/listen.h"
#include "net/listen_unix.h"

#include "base/banned.h"

enum { FIRST_INHERITED = 3, HOST_SIZE = 128, PORT_SIZE = 8 };

/* The ports without one: well-known, and for those who may not have them. */
static const struct {
	enum conf_listener_protocol protocol;
	bool tls;
	uint16_t well_known, other;
} ports[] = {
    {CONF_LISTENER_SMTP, false, 25, 2525},
    {CONF_LISTENER_SMTP, true, 465, 2465},
    {CONF_LISTENER_SUBMISSION, false, 587, 2587},
    {CONF_LISTENER_SUBMISSION, true, 465, 2465},
    {CONF_LISTENER_LMTP, false, 24, 2424},
    {CONF_LISTENER_LMTP, true, 24, 2424},
};

static uint16_t
usual_port(const struct conf_listener *l, bool privileged)
{
	size_t i = 0;

	while (ports[i].protocol != l->protocol || ports[i].tls != (l->tls == CONF_LISTENER_TLS))
		i++;
	return privileged ? ports[i].well_known : ports[i].other;
}

/* "127.0.0.1:25", "[::1]:25" */
static void
write_name(const char *address, unsigned port, char *out, size_t size)
{
	struct buf name = BUF_INIT(size - 1);
	bool v6 = strchr(address, ':') != NULL;

	buf_addf(&name, "%s%s%s:%u", v6 ? "[" : "", address, v6 ? "]" : "", port);
	(void)str_copy(out, size, buf_slice(&name));
	buf_free(&name);
}

/* --- systemd's --- */

/* What the socket FD is bound to. */
static bool
find_name(int fd, struct imbucad_listener *out)
{
	struct sockaddr_storage own;
	socklen_t len = sizeof own;
	char host[HOST_SIZE], port[PORT_SIZE];
	uint64_t number = 0;

	if (getsockname(fd, (struct sockaddr *)&own, &len) == -1)
		return false;
	if (own.ss_family == AF_UNIX) {
		out->is_unix = true;
		return str_copy(
		    out->name, sizeof out->name, str_slice(((struct sockaddr_un *)&own)->sun_path));
	}
	if (getnameinfo((struct sockaddr *)&own, len, host, sizeof host, port, sizeof port,
		NI_NUMERICHOST | NI_NUMERICSERV) != 0 ||
	    !str_number(str_slice(port), 1, UINT16_MAX, &number))
		return false;
	write_name(host, (unsigned)number, out->name, sizeof out->name);
	for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
		if (ports[i].well_known == number) {
			out->protocol = ports[i].protocol;
			out->tls = ports[i].tls ? CONF_LISTENER_TLS : CONF_LISTENER_STARTTLS;
		}
	}
	return true;
}

/* A unit with Accept=yes hands over a connection, on which nobody can wait for others. */
static bool
is_connection(int fd)
{
	int listens = 1;
	socklen_t len = sizeof listens;

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == 0 && listens == 0;
}

int
imbucad_listeners_inherit(struct imbucad_listeners *out, int count, struct err *e)
{
	out->count = 0;
	for (int i = 0; i < count && out->count < IMBUCAD_LISTENERS_MAX; i++) {
		struct imbucad_listener l = {.fd = FIRST_INHERITED + i, .is_inherited = true};

		if (is_connection(l.fd)) {
			(void)err_set(e, EX_CONFIG,
			    "descriptor %d, which was handed over, does not listen", l.fd);
			return err_hint(e, "in the socket unit: Accept=no, and ListenStream=");
		}
		if (!find_name(l.fd, &l))
			continue;
		memcpy(l.where, l.name, sizeof l.where);
		out->at[out->count++] = l;
	}
	return 0;
}

/* --- ours --- */

/* Is L in LIST by the same descriptor? */
static bool
has(const struct imbucad_listeners *list, int fd)
{
	for (size_t i = 0; list != NULL && i < list->count; i++) {
		if (list->at[i].fd == fd)
			return true;
	}
	return false;
}

/* One of BEFORE that is at the place that WANTED names, and not in OUT yet. */
static const struct imbucad_listener *
find(const struct imbucad_listeners *before, const struct conf_listener *wanted, bool privileged,
    const struct imbucad_listeners *out)
{
	struct buf whole = BUF_INIT(512);
	const struct imbucad_listener *found = NULL;

	buf_addf(&whole, "%s:%u", wanted->where, (unsigned)usual_port(wanted, privileged));
	for (size_t i = 0; found == NULL && i < before->count; i++) {
		const struct imbucad_listener *l = &before->at[i];

		if (!has(out, l->fd) &&
		    (strcmp(l->where, wanted->where) == 0 || strcmp(l->name, wanted->where) == 0 ||
			strcmp(l->name, buf_text(&whole)) == 0))
			found = l;
	}
	buf_free(&whole);
	return found;
}

/* The group that the socket WANTED is given, (gid_t)-1 for none. */
static int
find_group(const struct conf_listener *wanted, gid_t *out, struct err *e)
{
	const struct group *group = wanted->group != NULL ? getgrnam(wanted->group) : NULL;

	*out = group != NULL ? group->gr_gid : (gid_t)-1;
	if (wanted->group == NULL || group != NULL)
		return 0;
	return err_set(e, EX_CONFIG, "there is no group '%s'", wanted->group);
}

/* Can WANTED be there? A machine without IPv6 has no [::1]. */
static bool
is_here(const struct conf_listener *wanted)
{
	struct err ignored;

	return wanted->is_unix || net_listen_check(str_slice(wanted->where), &ignored) == 0;
}

int
imbucad_listeners_check(
    const struct conf_daemon *conf, const struct conf_listener *wanted, struct err *e)
{
	gid_t ignored;

	if (wanted->is_unix)
		return find_group(wanted, &ignored, e);
	return conf->usual_listeners ? 0 : net_listen_check(str_slice(wanted->where), e);
}

static int
open_unix(const struct conf_listener *wanted, struct imbucad_listener *out, struct err *e)
{
	gid_t group;

	if (find_group(wanted, &group, e) == -1)
		return -1;
	out->fd = net_listen_unix(wanted->where, wanted->mode, group, e);
	(void)str_copy(out->name, sizeof out->name, str_slice(wanted->where));
	return out->fd == -1 ? -1 : 0;
}

static int
open_one(const struct conf_listener *wanted, bool privileged, struct imbucad_listener *out,
    struct err *e)
{
	struct net_peer bound;

	if (wanted->is_unix)
		return open_unix(wanted, out, e);
	out->fd = net_listen(str_slice(wanted->where), usual_port(wanted, privileged), &bound, e);
	if (out->fd == -1)
		return -1;
	write_name(bound.address, bound.port, out->name, sizeof out->name);
	return 0;
}

static int
add(const struct conf_listener *wanted, const struct imbucad_listeners *before, bool privileged,
    struct imbucad_listeners *out, struct err *e)
{
	const struct imbucad_listener *found = find(before, wanted, privileged, out);
	struct imbucad_listener l = {.fd = -1};

	if (out->count == IMBUCAD_LISTENERS_MAX)
		return err_set(e, EX_CONFIG, "more than %d listeners", IMBUCAD_LISTENERS_MAX);
	if (found != NULL)
		l = *found;
	else if (open_one(wanted, privileged, &l, e) == -1)
		return -1;
	l.protocol = wanted->protocol;
	l.tls = wanted->tls;
	l.is_unix = wanted->is_unix;
	(void)str_copy(l.where, sizeof l.where, str_slice(wanted->where));
	out->at[out->count++] = l;
	return 0;
}

int
imbucad_listeners_open(const struct conf_daemon *conf, const struct imbucad_listeners *before,
    bool privileged, struct imbucad_listeners *out, struct err *e)
{
	bool inherits = false;
	int status = 0;

	out->count = 0;
	for (size_t i = 0; i < before->count; i++)
		inherits = inherits || before->at[i].is_inherited;
	for (size_t i = 0; status == 0 && i < conf->listeners.count; i++) {
		const struct conf_listener *wanted = &conf->listeners.at[i];

		if (!conf->usual_listeners || (!inherits && is_here(wanted)))
			status = add(wanted, before, privileged, out, e);
	}
	/* What systemd has opened is wanted, whether the file has a line for it or not. */
	for (size_t i = 0; status == 0 && i < before->count; i++) {
		if (before->at[i].is_inherited && !has(out, before->at[i].fd) &&
		    out->count < IMBUCAD_LISTENERS_MAX)
			out->at[out->count++] = before->at[i];
	}
	if (status == 0 && out->count == 0)
		status = err_set(e, EX_OSERR, "this machine has no address to listen on");
	if (status == -1)
		imbucad_listeners_close(out, before);
	return status;
}

/* What CONF says of the socket WHERE, or NULL. */
static const struct conf_listener *
find_wanted(const struct conf_daemon *conf, const char *where)
{
	const struct conf_listener *end = conf->listeners.at + conf->listeners.count;
	const struct conf_listener *wanted = conf->listeners.at;

	while (wanted < end && (!wanted->is_unix || strcmp(wanted->where, where) != 0))
		wanted++;
	return wanted < end ? wanted : NULL;
}

int
imbucad_listeners_allow(
    const struct conf_daemon *conf, const struct imbucad_listeners *l, struct err *e)
{
	int status = 0;

	for (size_t i = 0; status == 0 && i < l->count; i++) {
		const struct conf_listener *wanted = find_wanted(conf, l->at[i].where);
		gid_t group;

		if (wanted == NULL || l->at[i].is_inherited)
			continue;
		status = find_group(wanted, &group, e);
		if (status == 0)
			status = net_listen_unix_allow(wanted->where, wanted->mode, group, e);
	}
	return status;
}

void
imbucad_listeners_close(struct imbucad_listeners *l, const struct imbucad_listeners *next)
{
	for (size_t i = 0; i < l->count; i++) {
		if (has(next, l->at[i].fd))
			continue;
		(void)close(l->at[i].fd);
		if (l->at[i].is_unix && !l->at[i].is_inherited)
			(void)unlink(l->at[i].name);
	}
	l->count = 0;
}

void
imbucad_listeners_print(const struct imbucad_listeners *l, struct buf *out)
{
	static const char *const names[][2] = {[CONF_LISTENER_SMTP] = {"smtp", "smtps"},
	    [CONF_LISTENER_SUBMISSION] = {"submission", "submissions"},
	    [CONF_LISTENER_LMTP] = {"lmtp", "lmtps"}};

	for (size_t i = 0; i < l->count; i++)
		buf_addf(out, "%s %s\n",
		    names[l->at[i].protocol][l->at[i].tls == CONF_LISTENER_TLS], l->at[i].name);
}
