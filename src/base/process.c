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
#include <unistd.h>

#include "base/process.h"

#include "base/banned.h"

enum {
	READ_BLOCK = 1024,
	GLANCE = 20, /* milliseconds between two looks whether a silent command has ended */
};

/* The child's side: never returns. */
static void __attribute__((noreturn)) become(const char *const argv[], bool quiet, int output)
{
	union {
		const char *const *in;
		char *const *out;
	} arguments = {.in = argv}; /* exec changes nothing behind it */
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	if (open("/dev/tty", O_RDWR | O_CLOEXEC) < 0)
		(void)setsid();
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGXFSZ, SIG_DFL);
	if (nothing >= 0)
		(void)dup2(nothing, STDIN_FILENO);
	(void)dup2(output, STDOUT_FILENO);
	if (quiet && nothing >= 0)
		(void)dup2(nothing, STDERR_FILENO);
	(void)execvp(argv[0], arguments.out);
	_exit(127);
}

/* A command that was started. */
struct command {
	pid_t pid;
	int output; /* what it prints can be read here */
	bool ended; /* with STATUS */
	int status;
};

/* Sees whether the command has ended; OPTIONS are waitpid's. */
static void
look(struct command *c, int options)
{
	if (!c->ended && waitpid(c->pid, &c->status, options) == c->pid)
		c->ended = true;
}

/*
 * Reads what the command prints until it closes its output, or has ended and nothing more comes:
 * what it left running may hold the output open for as long as it likes.
 */
static int
collect(struct command *c, struct deadline within, struct buf *out, struct err *e)
{
	for (;;) {
		struct pollfd ready = {c->output, POLLIN, 0};
		char *room = buf_room(out, READ_BLOCK);
		ssize_t n;

		if (room == NULL)
			return err_set(e, EX_CONFIG, "it printed more than %zu bytes", out->max);
		if (deadline_over(within))
			return err_set(e, EX_TEMPFAIL, "it took too long and was ended");
		if (poll(&ready, 1, deadline_left(deadline_sooner(within, deadline_in(GLANCE)))) <=
		    0) {
			if (c->ended)
				return 0;
			look(c, WNOHANG);
			continue;
		}
		n = read(c->output, room, READ_BLOCK);
		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return err_set_errno(e, EX_IOERR, errno, "cannot read its output");
		if (n > 0)
			buf_grew(out, (size_t)n);
	}
}

/*
 * Waits for the command's end; at the deadline, or at once where it is no longer WANTED, ends it
 * and its session.
 */
static void
reap(struct command *c, struct deadline within, bool wanted)
{
	while (!c->ended && wanted && !deadline_over(within)) {
		struct pollfd nothing = {-1, 0, 0};

		look(c, WNOHANG);
		if (!c->ended)
			(void)poll(&nothing, 1, 2);
	}
	if (c->ended)
		return;
	(void)kill(-c->pid, SIGKILL);
	(void)kill(c->pid, SIGKILL);
	look(c, 0);
}

/* Runs ARGV and captures what it prints. */
static int
capture(
    const char *const argv[], bool quiet, struct deadline within, struct buf *out, struct err *e)
{
	struct command c = {.ended = false};
	int ends[2], rc;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_set_errno(e, EX_TEMPFAIL, errno, "cannot make a pipe");
	c.pid = fork();
	c.output = ends[0];
	if (c.pid == 0)
		become(argv, quiet, ends[1]);
	(void)close(ends[1]);
	if (c.pid < 0) {
		(void)close(ends[0]);
		return err_set_errno(e, EX_TEMPFAIL, errno, "cannot start a process");
	}
	rc = collect(&c, within, out, e);
	(void)close(c.output);
	reap(&c, within, rc == 0);
	if (rc != 0)
		return -1;
	if (WIFSIGNALED(c.status))
		return err_set(e, EX_CONFIG, "it was killed by signal %d", WTERMSIG(c.status));
	if (WEXITSTATUS(c.status) != 0)
		return err_set(e, EX_CONFIG, "it ended with status %d", WEXITSTATUS(c.status));
	return 0;
}

int
process_capture(const char *command, struct deadline within, struct buf *out, struct err *e)
{
	const char *const argv[] = {"/bin/sh", "-c", command, NULL};

	return capture(argv, false, within, out, e);
}

int
process_capture_argv(
    const char *const argv[], struct deadline within, struct buf *out, struct err *e)
{
	return capture(argv, true, within, out, e);
}
