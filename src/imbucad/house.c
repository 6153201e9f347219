/*
 * house: see house.h.
 */
#include <config.h>

#include <sys/resource.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "imbucad/account.h"
#include "imbucad/call.h"
#include "imbucad/folder.h"
#include "imbucad/home.h"
#include "imbucad/house.h"
#include "imbucad/identity.h"
#include "imbucad/journal.h"
#include "imbucad/process.h"
#include "imbucad/reception.h"
#include "imbucad/relay.h"
#include "imbucad/runner.h"
#include "imbucad/sandbox.h"
#include "imbucad/spool.h"
#include "imbucad/tokens.h"
#include "imbucad/wire.h"
#include "imbucad/worker.h"
#include "sasl/server.h"
#include "sasl/users.h"

#include "base/banned.h"

enum {
	DESCRIPTORS_A_SESSION = 3, /* its connection, its message, its call */
	OTHER_DESCRIPTORS = 64,
	KEEP_MAXIMUM = IMBUCAD_LISTENERS_MAX + 8,
};

/* --- the house --- */

static void
close_pair(int pair[2])
{
	for (int i = 0; i < 2; i++) {
		if (pair[i] != -1)
			(void)close(pair[i]);
		pair[i] = -1;
	}
}

/* What has failed, in the log and on standard error. */
static const struct err *
warn(const struct imbucad_house *h, const struct err *e)
{
	imbucad_journal_error(&h->conf, NULL, e);
	(void)fprintf(stderr, "imbucad: %s\n", e->msg);
	return e;
}

/* What is the daemon's user's: in the state folder, and the log, without which mail goes on. */
static int
prepare(struct imbucad_house *h, struct err *e)
{
	if (h->privileged)
		imbucad_journal_prepare(&h->conf, &h->user);
	if (imbucad_journal_check(&h->conf, &h->user, &h->unlogged) == -1)
		(void)warn(h, &h->unlogged);
	if (!h->privileged)
		return 0;
	if (imbucad_tokens_prepare(&h->conf, &h->user, e) == -1)
		return -1;
	return imbucad_home_prepare(&h->conf, &h->user, e);
}

/* What the queue needs. */
static int
open_queue(struct imbucad_house *h, struct err *e)
{
	if (h->conf.queue == NULL)
		return 0;
	if (h->privileged && imbucad_folder_make(h->conf.queue, &h->user, e) == -1)
		return -1;
	h->door = net_listen_unix_private(h->door_name, e);
	return h->door != -1 ? imbucad_call_open(h->words, e) : -1;
}

bool
imbucad_house_is_privileged(const struct conf_daemon *conf)
{
	return geteuid() == 0 && conf->catch_all == NULL;
}

int
imbucad_house_open(struct imbucad_house *h, struct conf_daemon *conf,
    const struct imbucad_listeners *before, struct err *e)
{
	*h = (struct imbucad_house){.conf = *conf,
	    .supervisor = getpid(),
	    .privileged = imbucad_house_is_privileged(conf),
	    .requests = {-1, -1},
	    .logins = {-1, -1},
	    .relays = {-1, -1},
	    .starts = {-1, -1},
	    .words = {-1, -1},
	    .door = -1};
	/* First what the configuration can have wrong, then what else the machine can. */
	if (imbucad_identity_load(h->conf.state, h->conf.hostname, &h->identity, e) == 0 &&
	    imbucad_listeners_open(&h->conf, before, h->privileged, &h->listeners, e) == 0 &&
	    imbucad_home_self(&h->conf, h->privileged, &h->user, e) == 0 && prepare(h, e) == 0 &&
	    open_queue(h, e) == 0 && imbucad_call_open(h->requests, e) == 0 &&
	    imbucad_call_open(h->logins, e) == 0 && imbucad_call_open(h->relays, e) == 0 &&
	    imbucad_call_open(h->starts, e) == 0 &&
	    imbucad_listeners_allow(&h->conf, &h->listeners, e) == 0)
		return 0;
	imbucad_listeners_close(&h->listeners, before);
	imbucad_house_close(h);
	return -1;
}

void
imbucad_house_close(struct imbucad_house *h)
{
	close_pair(h->requests);
	close_pair(h->logins);
	close_pair(h->relays);
	close_pair(h->starts);
	close_pair(h->words);
	if (h->door != -1)
		(void)close(h->door);
	net_tls_identity_free(h->identity);
	conf_daemon_free(&h->conf);
}

/* --- its processes --- */

/* What cannot begin says why, and ends. */
static void __attribute__((noreturn)) give_up(const struct imbucad_house *h, const struct err *e)
{
	_exit(warn(h, e)->ex);
}

/* In the child: nobody's descriptors but KEEP, nobody's rights but the daemon's user's. */
static void
enter(const struct imbucad_house *h, int *keep, size_t count, bool strict)
{
	struct err e = ERR_INIT;

	imbucad_process_keep(keep, count);
	if (h->privileged && imbucad_process_become(&h->user, NULL, &e) == -1)
		give_up(h, &e);
	imbucad_process_settle(strict, h->supervisor);
}

/* As enter, in one that sends by the account of the machine. */
static void
enter_sending(const struct imbucad_house *h, int keep)
{
	enter(h, &keep, 1, true);
	if (h->privileged)
		imbucad_tokens_use(&h->conf);
}

/* All the descriptors that the system allows; their number. */
static rlim_t
take_descriptors(void)
{
	struct rlimit limit = {0, 0};

	(void)getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_max;
}

/* As many sessions as wanted, and as descriptors allow. */
static size_t
count_sessions(const struct conf_daemon *conf)
{
	const rlim_t limit = take_descriptors();
	size_t most = 1;

	if (limit > OTHER_DESCRIPTORS + 2 * DESCRIPTORS_A_SESSION)
		most = (size_t)(limit - OTHER_DESCRIPTORS) / (2 * DESCRIPTORS_A_SESSION);
	return conf->max_sessions < most ? conf->max_sessions : most;
}

/* Each of a message's has an answer, and all of these are in one packet. */
static unsigned
count_recipients(const struct conf_daemon *conf)
{
	return conf->max_recipients < IMBUCAD_WIRE_SHARES ? conf->max_recipients
							  : IMBUCAD_WIRE_SHARES;
}

/* What a listener's sessions share. Logins are offered where there is a users file, and nobody can
 * log in to a unix socket, whose peer is known. */
static void
describe(const struct imbucad_house *h, const struct imbucad_listener *l,
    struct imbucad_session_service *out)
{
	const struct conf_daemon *c = &h->conf;
	bool logins = c->users != NULL && !l->is_unix;
	bool hashes = logins && sasl_users_have_hashes(c->users);
	bool required = c->require_auth || l->protocol == CONF_LISTENER_SUBMISSION;

	*out = (struct imbucad_session_service){
	    .identity = h->identity,
	    .smtp =
		{
		    .hostname = c->hostname,
		    .lmtp = l->protocol == CONF_LISTENER_LMTP,
		    .dsn = true,
		    .queues = l->is_unix && l->fd != h->door,
		    .starttls = l->tls == CONF_LISTENER_STARTTLS,
		    .require_auth = required && !l->is_unix,
		    .auth_clear = logins ? sasl_server_mechanisms(false, hashes) : NULL,
		    .auth_tls = logins ? sasl_server_mechanisms(true, hashes) : NULL,
		    .max_size = c->max_size,
		    .max_recipients = count_recipients(c),
		    .max_mails = c->max_mails,
		},
	    .tls = l->tls == CONF_LISTENER_TLS,
	    .is_door = l->fd == h->door,
	    .timeout = (int)c->timeout * 1000,
	    .spool = h->requests[0],
	    .logins = h->logins[0],
	};
}

static void __attribute__((noreturn)) run_reception(struct imbucad_house *h)
{
	struct imbucad_reception_listener listeners[IMBUCAD_LISTENERS_MAX + 1];
	struct imbucad_reception_params params = {.listeners = listeners};
	struct imbucad_reception *reception;
	const struct imbucad_listener door = {
	    .fd = h->door, .is_unix = true, .protocol = CONF_LISTENER_LMTP};
	int keep[KEEP_MAXIMUM];
	size_t count = 0;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < h->listeners.count; i++)
		keep[count++] = listeners[i].fd = h->listeners.at[i].fd;
	if (h->door != -1)
		keep[count++] = listeners[h->listeners.count].fd = h->door;
	params.listeners_count = count;
	keep[count++] = h->requests[0];
	keep[count++] = h->logins[0];
	enter(h, keep, count, true);
	/* The users file is the daemon's user's: what it has decides which logins are offered. */
	for (size_t i = 0; i < params.listeners_count; i++)
		describe(
		    h, i < h->listeners.count ? &h->listeners.at[i] : &door, &listeners[i].service);
	params.max_sessions = count_sessions(&h->conf);
	params.max_sessions_per_peer = h->conf.max_sessions_per_peer;
	reception = imbucad_reception_new(&params, &e);
	if (reception == NULL || imbucad_sandbox_enter(&e) == -1)
		give_up(h, &e);
	imbucad_reception_run(reception);
	imbucad_reception_free(reception);
	_exit(EX_OK);
}

static void __attribute__((noreturn)) run_spool(struct imbucad_house *h)
{
	const struct imbucad_spool_params params = {
	    .conf = &h->conf,
	    .privileged = h->privileged,
	    .requests = h->requests[1],
	    .logins = h->logins[1],
	    .supervisor = h->starts[0],
	    .relay = h->relays[0],
	    .runner = h->words[0],
	};
	int keep[] = {h->requests[1], h->logins[1], h->starts[0], h->relays[0], h->words[0]};
	struct err e = ERR_INIT;

	enter(h, keep, sizeof keep / sizeof keep[0], true);
	/* Each place that a message goes to has one while it is asked. */
	(void)take_descriptors();
	if (imbucad_spool_run(&params, &e) == -1)
		give_up(h, &e);
	_exit(EX_OK);
}

/* The account is read while root may still read it: nobody else needs to. */
static void __attribute__((noreturn)) run_relay(struct imbucad_house *h)
{
	struct conf_accounts *accounts = NULL;
	struct imbucad_relay_params params = {.conf = &h->conf, .service = h->relays[1]};
	struct err e = ERR_INIT;

	params.account = imbucad_account_load(&h->conf, &accounts, &e);
	if (params.account == NULL)
		params.why = warn(h, &e);
	enter_sending(h, h->relays[1]);
	imbucad_relay_run(&params);
	_exit(EX_OK);
}

static void __attribute__((noreturn)) run_runner(struct imbucad_house *h)
{
	struct imbucad_runner_params params = {
	    .conf = &h->conf, .door = h->door_name, .words = h->words[1]};
	struct conf_accounts *accounts = NULL;
	struct err e = ERR_INIT, failed = ERR_INIT;

	if (h->conf.relay != CONF_DAEMON_RELAY_OFF) {
		params.account = imbucad_account_load(&h->conf, &accounts, &e);
		if (params.account == NULL)
			params.why = warn(h, &e);
	}
	enter_sending(h, h->words[1]);
	if (imbucad_runner_run(&params, &failed) == -1)
		give_up(h, &failed);
	_exit(params.why != NULL ? params.why->ex : EX_OK);
}

const char *
imbucad_house_mail_group(const struct conf_daemon *conf)
{
	return str_begins_nocase(str_slice(conf->mailbox), "mbox:/") ? "mail" : NULL;
}

static void __attribute__((noreturn)) run_worker(
    struct imbucad_house *h, const struct imbucad_passwd *user, bool runs_commands, int service)
{
	/* No command gets what only the locks of mailboxes need. */
	const char *group = runs_commands ? NULL : imbucad_house_mail_group(&h->conf);
	int keep[] = {service};
	struct err e = ERR_INIT;

	imbucad_process_keep(keep, sizeof keep / sizeof keep[0]);
	if (h->privileged && imbucad_process_become(user, group, &e) == -1)
		give_up(h, &e);
	/* A command may be set-gid itself, as procmail is. */
	imbucad_process_settle(false, h->supervisor);
	imbucad_worker_run(&h->conf, user, service);
	_exit(EX_OK);
}

/* A child begins; what is buffered must not come out twice. */
static pid_t
split(struct err *e)
{
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	if (pid == -1)
		(void)err_set_errno(e, EX_OSERR, errno, "cannot start a process");
	return pid;
}

/* Starts a process that is RUN. */
static pid_t
start(struct imbucad_house *h, void (*run)(struct imbucad_house *h), struct err *e)
{
	pid_t pid = split(e);

	if (pid == 0)
		run(h);
	return pid;
}

pid_t
imbucad_house_reception(struct imbucad_house *h, struct err *e)
{
	return start(h, run_reception, e);
}

pid_t
imbucad_house_spool(struct imbucad_house *h, struct err *e)
{
	return start(h, run_spool, e);
}

pid_t
imbucad_house_relay(struct imbucad_house *h, struct err *e)
{
	return h->conf.relay == CONF_DAEMON_RELAY_OFF ? 0 : start(h, run_relay, e);
}

pid_t
imbucad_house_runner(struct imbucad_house *h, struct err *e)
{
	return h->conf.queue == NULL ? 0 : start(h, run_runner, e);
}

void
imbucad_house_wake_runner(const struct imbucad_house *h)
{
	if (h->words[0] != -1)
		(void)send(h->words[0], "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

pid_t
imbucad_house_worker(
    struct imbucad_house *h, const char *name, bool runs_commands, int *service, struct err *e)
{
	struct imbucad_passwd user;
	int ends[2], found = imbucad_passwd_find(str_slice(name), &user, e);
	pid_t pid;

	if (found == -1)
		return -1;
	if (found == 0 || (user.uid == 0 && h->privileged) ||
	    (user.uid != geteuid() && !h->privileged))
		return err_set(e, EX_NOUSER, "imbucad cannot deliver as '%s'", name);
	if (user.uid == h->user.uid)
		user = h->user; /* with the home that it has here */
	if (imbucad_call_open(ends, e) == -1)
		return -1;
	pid = split(e);
	if (pid == 0)
		run_worker(h, &user, runs_commands, ends[1]);
	(void)close(ends[1]);
	if (pid == -1)
		(void)close(ends[0]);
	else
		*service = ends[0];
	return pid;
}
