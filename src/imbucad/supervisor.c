/*
 * supervisor: see supervisor.h.
 */
#include <config.h>

#include <sys/signalfd.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/file.h"
#include "imbucad/call.h"
#include "imbucad/house.h"
#include "imbucad/journal.h"
#include "imbucad/notify.h"
#include "imbucad/supervisor.h"
#include "imbucad/wire.h"

#include "base/banned.h"

enum {
	HOUSES_MAXIMUM = 8,
	FIRST_PAUSE = 500,  /* milliseconds before what died is started again; twice as long each */
	LAST_PAUSE = 60000, /* time, up to this */
	LONG_LIFE = 60000,  /* who lived as long begins at the first again */
	END_TIMEOUT = 45000,
};

#define WELL "mail is taken" /* how things stand, for systemctl */

/* The processes of a house, in the order in which they end. */
enum role { RECEPTION, SPOOL, RELAY, RUNNER, ROLES };

struct child {
	pid_t pid;	       /* 0 where it is not running */
	bool unwanted;	       /* by this configuration */
	struct deadline start; /* when it is to be started */
	int64_t started;
	int pause;
};

struct home {
	struct imbucad_house house;
	struct child children[ROLES];
	bool ending; /* they are not started again */
};

struct supervisor {
	const struct imbucad_options *options;
	struct home *homes[HOUSES_MAXIMUM]; /* the newest first */
	size_t count;
	int signals;
	bool stale; /* the configuration may be another one, and waits for a house to end */
	bool ending;
	struct deadline end; /* by then all are killed */
};

static pid_t (*const starters[ROLES])(struct imbucad_house *h, struct err *e) = {
    [RECEPTION] = imbucad_house_reception,
    [SPOOL] = imbucad_house_spool,
    [RELAY] = imbucad_house_relay,
    [RUNNER] = imbucad_house_runner,
};

/* --- processes --- */

/* How things stand where all processes run. */
static const char *
well(const struct home *home)
{
	return home->house.unlogged.ex != 0 ? home->house.unlogged.msg : WELL;
}

static void
postpone(struct child *c)
{
	int64_t lived = deadline_now() - c->started;

	c->pause = c->pause == 0 || lived > LONG_LIFE ? FIRST_PAUSE : c->pause * 2;
	if (c->pause > LAST_PAUSE)
		c->pause = LAST_PAUSE;
	c->start = deadline_in(c->pause);
	c->pid = 0;
}

/* C could not be started, or has ended: E says so. */
static void
tell_failure(struct home *home, struct child *c, const struct err *e)
{
	imbucad_journal_error(&home->house.conf, NULL, e);
	imbucad_notify("READY=1", e->msg);
	postpone(c);
}

/* Starts what is to run and does not. */
static void
start_missing(struct home *home)
{
	for (int role = 0; role < ROLES && !home->ending; role++) {
		struct child *c = &home->children[role];
		struct err e = ERR_INIT;

		if (c->pid != 0 || c->unwanted || !deadline_over(c->start))
			continue;
		c->started = deadline_now();
		c->pid = starters[role](&home->house, &e);
		c->unwanted = c->pid == 0;
		if (c->pid == -1)
			tell_failure(home, c, &e);
		else if (c->pause > 0)
			imbucad_notify("READY=1", well(home));
	}
}

/* Ends the next process of a house whose end has come: each when those before it are gone. */
static void
end_next(struct home *home)
{
	for (int role = 0; home->ending && role < ROLES; role++) {
		if (home->children[role].pid == 0)
			continue;
		(void)kill(home->children[role].pid, SIGTERM);
		return;
	}
}

/* HOME's sessions come to their end (imbucad/reception.h), which the rest of it waits for. Its
 * queue is the next one's already. */
static void
retire(struct home *home)
{
	home->ending = true;
	if (home->children[RECEPTION].pid == 0) {
		end_next(home);
		return;
	}
	(void)kill(home->children[RECEPTION].pid, SIGUSR1);
	if (home->children[RUNNER].pid != 0)
		(void)kill(home->children[RUNNER].pid, SIGTERM);
}

static bool
is_over(const struct home *home)
{
	for (int role = 0; role < ROLES; role++) {
		if (home->children[role].pid != 0)
			return false;
	}
	return home->ending;
}

static void
note_death(struct home *home, struct child *c, int status)
{
	struct err e = ERR_INIT;

	if (home->ending) {
		c->pid = 0;
		if (home->children[RECEPTION].pid == 0)
			end_next(home);
		return;
	}
	if (WIFSIGNALED(status))
		(void)err_set(&e, EX_SOFTWARE,
		    "the process %ld was ended by signal %d and is started again", (long)c->pid,
		    WTERMSIG(status));
	else
		(void)err_set(&e, EX_SOFTWARE,
		    "the process %ld ended with status %d and is started again", (long)c->pid,
		    WEXITSTATUS(status));
	tell_failure(home, c, &e);
}

/* Takes note of those that have died. Delivery processes come and go. */
static void
bury(struct supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (size_t i = 0; i < s->count; i++) {
			for (int role = 0; role < ROLES; role++) {
				if (s->homes[i]->children[role].pid == pid)
					note_death(
					    s->homes[i], &s->homes[i]->children[role], status);
			}
		}
	}
}

/* --- houses --- */

static void
remove_home(struct supervisor *s, size_t index)
{
	struct home *home = s->homes[index];
	const struct imbucad_listeners *newer = index > 0 ? &s->homes[0]->house.listeners : NULL;

	imbucad_listeners_close(&home->house.listeners, newer);
	imbucad_house_close(&home->house);
	free(home);
	for (size_t i = index; i + 1 < s->count; i++)
		s->homes[i] = s->homes[i + 1];
	s->count--;
}

static void
remove_empty(struct supervisor *s)
{
	for (size_t i = s->count; i > 0; i--) {
		if (!is_over(s->homes[i - 1]))
			continue;
		remove_home(s, i - 1);
		/* What it has queued in the end nobody has told the runner of. */
		if (s->count > 0)
			imbucad_house_wake_runner(&s->homes[0]->house);
	}
}

/* A house for the configuration as it is now, before all others. */
static int
add_home(struct supervisor *s, const struct imbucad_listeners *before, struct err *e)
{
	struct home *home = calloc(1, sizeof *home);
	struct conf_daemon conf;

	if (home == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for another configuration");
	if (imbucad_options_configure(s->options, &conf, e) == -1 ||
	    imbucad_house_open(&home->house, &conf, before, e) == -1) {
		free(home);
		return -1;
	}
	for (size_t i = s->count; i > 0; i--)
		s->homes[i] = s->homes[i - 1];
	s->homes[0] = home;
	s->count++;
	start_missing(home);
	return 0;
}

/* The new configuration takes over, if it is one; sessions of the old one come to their end. Where
 * too many have not yet, it waits for those. */
static void
reload(struct supervisor *s)
{
	struct err e = ERR_INIT;

	s->stale = s->count == HOUSES_MAXIMUM;
	if (s->stale)
		return;
	imbucad_notify("RELOADING=1", NULL);
	if (add_home(s, &s->homes[0]->house.listeners, &e) == -1) {
		(void)err_prefix(&e, "the configuration is the old one");
		imbucad_journal_error(&s->homes[0]->house.conf, NULL, &e);
		imbucad_notify("READY=1", e.msg);
		return;
	}
	/* Those that end yet have had their time: there are not to be many. */
	for (size_t i = 2; i < s->count; i++)
		end_next(s->homes[i]);
	retire(s->homes[1]);
	imbucad_notify("READY=1", well(s->homes[0]));
}

/* --- what happens --- */

/* The spool of HOME wants a delivery process. */
static void
answer_start(struct home *home)
{
	struct imbucad_call call;
	struct imbucad_wire in;
	struct buf answer = BUF_INIT(IMBUCAD_CALL_MAX);
	struct err e = ERR_INIT;
	const char *user;
	int service = -1;

	if (imbucad_call_take(home->house.starts[1], &call) != 1)
		return;
	in = (struct imbucad_wire){buf_slice(&call.request), false};
	user = imbucad_wire_text(&in);
	(void)imbucad_house_worker(&home->house, user, imbucad_wire_number(&in) != 0, &service, &e);
	imbucad_wire_put_err(&answer, &e);
	imbucad_call_answer(&call, buf_slice(&answer), service);
	if (service != -1)
		(void)close(service);
	buf_free(&answer);
}

static void
end_all(struct supervisor *s)
{
	imbucad_notify("STOPPING=1", NULL);
	s->ending = true;
	s->end = deadline_in(END_TIMEOUT);
	for (size_t i = 0; i < s->count; i++) {
		s->homes[i]->ending = true;
		end_next(s->homes[i]);
	}
}

static void
hear_signal(struct supervisor *s)
{
	struct signalfd_siginfo info;

	if (read(s->signals, &info, sizeof info) != sizeof info)
		return;
	if (info.ssi_signo == SIGCHLD)
		bury(s);
	else if (info.ssi_signo == SIGHUP && !s->ending)
		reload(s);
	else if (info.ssi_signo != SIGHUP && !s->ending)
		end_all(s);
}

/* How long until something is to be started. */
static int
time_left(const struct supervisor *s)
{
	int left = imbucad_notify_interval();

	for (size_t i = 0; i < s->count; i++) {
		for (int role = 0; role < ROLES && !s->homes[i]->ending; role++) {
			const struct child *c = &s->homes[i]->children[role];
			int more = deadline_left(c->start);

			if (c->pid == 0 && !c->unwanted && (left == -1 || more < left))
				left = more;
		}
	}
	if (s->ending && (left == -1 || deadline_left(s->end) < left))
		left = deadline_left(s->end);
	return left;
}

static void
wait_and_act(struct supervisor *s)
{
	struct pollfd ready[HOUSES_MAXIMUM + 1] = {{.fd = s->signals, .events = POLLIN}};
	size_t count = s->count;

	for (size_t i = 0; i < count; i++)
		ready[i + 1] =
		    (struct pollfd){.fd = s->homes[i]->house.starts[1], .events = POLLIN};
	if (poll(ready, count + 1, time_left(s)) == -1)
		return;
	for (size_t i = 0; i < count; i++) {
		if ((ready[i + 1].revents & POLLIN) != 0)
			answer_start(s->homes[i]);
	}
	if ((ready[0].revents & POLLIN) != 0)
		hear_signal(s);
}

static void
loop(struct supervisor *s)
{
	while (s->count > 0 && !(s->ending && deadline_over(s->end))) {
		for (size_t i = 0; i < s->count; i++)
			start_missing(s->homes[i]);
		wait_and_act(s);
		remove_empty(s);
		if (s->stale && !s->ending)
			reload(s);
		if (imbucad_notify_interval() != -1)
			imbucad_notify("WATCHDOG=1", NULL);
	}
}

/* --- beginning and end --- */

static int
take_signals(struct supervisor *s, struct err *e)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signals != -1 ? 0 : err_set_errno(e, EX_OSERR, errno, "cannot begin");
}

static int
say_ready(const struct supervisor *s, struct err *e)
{
	struct buf text = BUF_INIT(IMBUCAD_LISTENERS_MAX * 512);

	imbucad_listeners_print(&s->homes[0]->house.listeners, &text);
	(void)printf("%sready\n", buf_text(&text));
	buf_free(&text);
	imbucad_notify("READY=1", well(s->homes[0]));
	return fflush(stdout) == 0 ? 0 : err_set(e, EX_IOERR, "cannot write");
}

/* For those who look after the daemon by its number. */
static int
write_pid(const char *file, struct err *e)
{
	struct buf text = BUF_INIT(32);
	int status = 0;

	buf_addf(&text, "%ld\n", (long)getpid());
	if (file != NULL)
		status = file_replace_unsynced(file, 0644, buf_slice(&text), e);
	buf_free(&text);
	return status;
}

int
imbucad_supervisor_run(const struct imbucad_options *options, struct err *e)
{
	struct supervisor s = {.options = options, .signals = -1};
	struct imbucad_listeners inherited;
	char *pid_file = NULL;
	int status = -1;

	if (imbucad_listeners_inherit(&inherited, imbucad_notify_sockets(), e) == 0 &&
	    take_signals(&s, e) == 0 && add_home(&s, &inherited, e) == 0)
		status = write_pid(s.homes[0]->house.conf.pid_file, e);
	if (status == 0 && s.homes[0]->house.conf.pid_file != NULL)
		pid_file = strdup(s.homes[0]->house.conf.pid_file);
	if (status == 0)
		status = say_ready(&s, e);
	if (status == 0)
		loop(&s);
	for (size_t i = 0; i < s.count; i++) {
		for (int role = 0; role < ROLES; role++) {
			if (s.homes[i]->children[role].pid > 0)
				(void)kill(s.homes[i]->children[role].pid, SIGKILL);
		}
	}
	while (s.count > 0)
		remove_home(&s, s.count - 1);
	if (s.signals != -1)
		(void)close(s.signals);
	if (pid_file != NULL)
		(void)unlink(pid_file);
	free(pid_file);
	return status;
}
