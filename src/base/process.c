/*
 * process: see process.h.
 */
#include <config.h>

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/process.h"

#include "base/banned.h"

enum {
	READ_BLOCK = 1024,
	GLANCE = 20, /* milliseconds between two looks at a silent command, and at our signals */
	GRACE = 500, /* milliseconds that a command has to end when it is asked to */
	PATIENCE = 5000, /* milliseconds after a signal, for what is not to be done by halves */
	SAID_MAXIMUM = 4096,
	WORDS = 32,
};

/* --- what is run --- */

/* The words of a line, for execvp. */
struct words {
	char *text; /* the line, cut at its blanks */
	const char *argv[WORDS + 1];
};

/* Is there nothing in LINE for a shell to do: no quote, no variable, no assignment? */
static bool
is_plain(const char *line)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-./:,@%+= \t";
	const char *first = line + strspn(line, " \t");

	return line[strspn(line, plain)] == '\0' &&
	       memchr(first, '=', strcspn(first, " \t")) == NULL;
}

/* Cuts LINE into words. False where a shell must. */
static bool
cut(const char *line, struct words *w)
{
	size_t count = 0;
	char *at;

	if (!is_plain(line) || (w->text = strdup(line)) == NULL)
		return false;
	for (at = w->text; *(at += strspn(at, " \t")) != '\0';) {
		if (count == WORDS)
			return false;
		w->argv[count++] = at;
		at += strcspn(at, " \t");
		if (*at != '\0')
			*at++ = '\0';
	}
	return count > 0;
}

/* Becomes the program of ARGV; returns where it cannot. */
static void
become(const char *const argv[])
{
	union {
		const char *const *in;
		char *const *out;
	} arguments = {.in = argv}; /* exec changes nothing behind it */

	(void)execvp(argv[0], arguments.out);
}

/* Gives the child what it is to have, in place of what it has of us; APART: not our terminal. */
static void
settle(int input, int output, int said, bool apart)
{
	sigset_t none;

	if (apart || open("/dev/tty", O_RDWR | O_CLOEXEC) < 0)
		(void)setsid();
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGXFSZ, SIG_DFL);
	(void)dup2(input, STDIN_FILENO);
	(void)dup2(output, STDOUT_FILENO);
	(void)dup2(said, STDERR_FILENO);
}

/* The child's side: a line's words, or a shell with it, or the program. */
static void __attribute__((noreturn)) be(const struct process *p, const struct words *w)
{
	const char *const shell[] = {"/bin/sh", "-c", p->line, NULL};

	if (p->line == NULL)
		become(p->argv);
	if (w->argv[0] != NULL)
		become(w->argv);
	if (p->line != NULL)
		become(shell);
	_exit(127);
}

/* --- while it runs --- */

/* A command that was started. Descriptors are -1 once closed. */
struct command {
	pid_t pid;
	int input;	   /* what it reads is written here */
	int output;	   /* what it prints can be read here */
	int said;	   /* and what it says on its standard error here */
	struct slice rest; /* what it is still to read */
	struct buf words;  /* what it said */
	sigset_t held;	   /* the signals that wait until it is ended */
	bool whole;	   /* the caller holds them too: it has PATIENCE when one comes */
	bool signalled;	   /* one came; it may go on until LAST */
	struct deadline last;
	bool ended; /* with STATUS */
	int status;
};

static void
shut(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

/* Sees whether the command has ended; OPTIONS are waitpid's. */
static void
look(struct command *c, int options)
{
	if (!c->ended && waitpid(c->pid, &c->status, options) == c->pid)
		c->ended = true;
}

/* Has a signal come that is to end us? */
static bool
is_signalled(const struct command *c)
{
	sigset_t came;

	if (sigpending(&came) != 0)
		return false;
	for (int signal = 1; signal < NSIG; signal++) {
		if (sigismember(&c->held, signal) == 1 && sigismember(&came, signal) == 1)
			return true;
	}
	return false;
}

/* Is it no longer to be waited for, since a signal came? */
static bool
is_called_off(struct command *c)
{
	if (!c->signalled && is_signalled(c)) {
		c->signalled = true;
		c->last = deadline_in(c->whole ? PATIENCE : 0);
	}
	return c->signalled && deadline_over(c->last);
}

/* Writes what it is to read, as far as it takes it now. */
static void
feed(struct command *c)
{
	ssize_t n = c->rest.len > 0 ? write(c->input, c->rest.ptr, c->rest.len) : 0;

	if (n > 0)
		c->rest = (struct slice){c->rest.ptr + n, c->rest.len - (size_t)n};
	/* One that reads less than it could is no error. */
	if (c->rest.len == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		shut(&c->input);
}

/* Keeps what it has said so far, and passes over what is too much. */
static void
listen_to(struct command *c)
{
	char block[READ_BLOCK];
	ssize_t n = read(c->said, block, sizeof block);

	for (; n > 0; n = read(c->said, block, sizeof block))
		buf_add(&c->words, block, (size_t)n);
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		shut(&c->said);
}

/* Takes what it prints. 1 at the end of it. */
static int
take(struct command *c, struct buf *out, struct err *e)
{
	char *room = buf_room(out, READ_BLOCK);
	ssize_t n = room != NULL ? read(c->output, room, READ_BLOCK) : -1;

	if (room == NULL)
		return err_set(e, EX_CONFIG, "it printed more than %zu bytes", out->max);
	if (n < 0 && errno != EINTR)
		return err_set_errno(e, EX_IOERR, errno, "cannot read its output");
	if (n > 0)
		buf_grew(out, (size_t)n);
	return n == 0;
}

/*
 * Talks with the command until it closes its output, or has ended and nothing more comes: what it
 * left running may hold the output open for as long as it likes.
 */
static int
converse(struct command *c, struct deadline within, struct buf *out, struct err *e)
{
	int rc = 0;

	while (rc == 0) {
		struct pollfd ready[] = {
		    {c->output, POLLIN, 0}, {c->said, POLLIN, 0}, {c->input, POLLOUT, 0}};
		struct deadline glance = deadline_sooner(within, deadline_in(GLANCE));

		if (deadline_over(within))
			return err_set(e, EX_TEMPFAIL, "it took too long and was ended");
		if (is_called_off(c))
			return err_set(e, EX_TEMPFAIL, "it was interrupted");
		if (poll(ready, 3, deadline_left(glance)) <= 0) {
			if (c->ended)
				return 0;
			look(c, WNOHANG);
			continue;
		}
		if (ready[2].revents != 0)
			feed(c);
		if (ready[1].revents != 0)
			listen_to(c);
		if (ready[0].revents != 0)
			rc = take(c, out, e);
	}
	return rc < 0 ? -1 : 0;
}

/* --- its end --- */

/* Is it over, though nobody has taken note of it yet, so that its number is still its own? */
static bool
is_dead(const struct command *c)
{
	siginfo_t info = {.si_pid = 0};

	return waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid == c->pid;
}

static void
send_signal(const struct command *c, int signal)
{
	(void)kill(-c->pid, signal);
	(void)kill(c->pid, signal);
}

/* Asks the command and its session to end, and then makes them. */
static void
end(struct command *c)
{
	struct deadline grace = deadline_in(GRACE);

	send_signal(c, SIGTERM);
	while (!is_dead(c) && !deadline_over(grace))
		deadline_nap(2);
	send_signal(c, SIGKILL);
	look(c, 0);
}

/* Waits for the command's end, or ends it: at once where it is no longer WANTED. */
static void
reap(struct command *c, struct deadline within, bool wanted)
{
	while (!c->ended && wanted && !deadline_over(within) && !is_called_off(c)) {
		look(c, WNOHANG);
		if (!c->ended)
			deadline_nap(2);
	}
	if (!c->ended)
		end(c);
}

/* Takes down the last line that it said. */
static void
note(struct process *p, struct command *c)
{
	struct slice rest, line = {NULL, 0};

	if (c->said >= 0)
		listen_to(c);
	rest = str_trim(buf_slice(&c->words));
	while (rest.len > 0)
		line = str_cut(&rest, '\n');
	(void)str_escape(p->said, sizeof p->said, str_trim(line));
}

/* What its end means. */
static int
judge(struct process *p, const struct command *c, struct err *e)
{
	const char *colon = p->said[0] != '\0' ? ": " : "";

	if (WIFSIGNALED(c->status))
		return err_set(e, EX_CONFIG, "it was killed by signal %d%s%s", WTERMSIG(c->status),
		    colon, p->said);
	p->status = WEXITSTATUS(c->status);
	if (p->status != 0)
		return err_set(
		    e, EX_CONFIG, "it ended with status %d%s%s", p->status, colon, p->said);
	return 0;
}

/* --- the whole --- */

/* Opens the three pipes, in[] and so on, both of whose ends the caller closes; -1 closes all. */
static int
open_pipes(int pipes[3][2], struct err *e)
{
	for (int i = 0; i < 3; i++) {
		if (pipe2(pipes[i], O_CLOEXEC) == 0)
			continue;
		(void)err_set_errno(e, EX_TEMPFAIL, errno, "cannot make a pipe");
		while (i-- > 0) {
			(void)close(pipes[i][0]);
			(void)close(pipes[i][1]);
		}
		return -1;
	}
	return 0;
}

/* Starts P; what it is to read is fed from then on. */
static int
start(const struct process *p, struct command *c, struct err *e)
{
	struct words words = {.text = NULL};
	int pipes[3][2];
	bool plain;

	if (open_pipes(pipes, e) != 0)
		return -1;
	plain = p->line != NULL && cut(p->line, &words);
	if (!plain)
		words.argv[0] = NULL;
	c->pid = fork();
	if (c->pid == 0) {
		settle(pipes[0][0], pipes[1][1], pipes[2][1], c->whole);
		be(p, &words);
	}
	if (c->pid < 0)
		(void)err_set_errno(e, EX_TEMPFAIL, errno, "cannot start a process");
	free(words.text);
	(void)close(pipes[0][0]);
	(void)close(pipes[1][1]);
	(void)close(pipes[2][1]);
	c->input = pipes[0][1];
	c->output = pipes[1][0];
	c->said = pipes[2][0];
	(void)fcntl(c->input, F_SETFL, O_NONBLOCK);
	(void)fcntl(c->said, F_SETFL, O_NONBLOCK);
	return c->pid < 0 ? -1 : 0;
}

/* Blocks the signals that end us, the HELD ones. */
static void
hold(sigset_t *held, sigset_t *before)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};

	(void)sigemptyset(held);
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
		(void)sigaddset(held, signals[i]);
	(void)sigprocmask(SIG_BLOCK, held, before);
}

void
process_hold(sigset_t *before)
{
	sigset_t held;

	hold(&held, before);
}

void
process_release(const sigset_t *before)
{
	(void)sigprocmask(SIG_SETMASK, before, NULL);
}

int
process_run(struct process *p, struct deadline within, struct buf *out, struct err *e)
{
	struct command c = {.rest = p->input, .words = BUF_INIT(SAID_MAXIMUM)};
	sigset_t before;
	int rc;

	p->status = -1;
	p->said[0] = '\0';
	hold(&c.held, &before);
	c.whole = sigismember(&before, SIGTERM) == 1;
	rc = start(p, &c, e);
	if (rc == 0) {
		rc = converse(&c, within, out, e);
		shut(&c.output);
		reap(&c, within, rc == 0);
		note(p, &c);
		if (rc == 0)
			rc = judge(p, &c, e);
		shut(&c.input);
		shut(&c.said);
	}
	buf_wipe(&c.words);
	process_release(&before);
	return rc;
}

int
process_capture(const char *line, struct deadline within, struct buf *out, struct err *e)
{
	struct process p = {.line = line};

	return process_run(&p, within, out, e);
}

/* The child of a child, so that nobody has to wait for it. */
static void __attribute__((noreturn)) be_left(const char *const argv[])
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)setsid();
	if (fork() == 0) {
		(void)signal(SIGPIPE, SIG_DFL);
		for (int fd = 0; fd <= STDERR_FILENO; fd++)
			(void)dup2(nothing, fd);
		become(argv);
	}
	_exit(0);
}

bool
process_leave(const char *const argv[])
{
	pid_t child = fork();

	if (child == 0)
		be_left(argv);
	return child > 0 && waitpid(child, NULL, 0) == child;
}
