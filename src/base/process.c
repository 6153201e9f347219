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

enum { READ_BLOCK = 1024 };

/* The child's side: never returns. */
static void __attribute__((noreturn)) become(const char *const argv[], bool quiet, int output)
{
	union {
		const char *const *in;
		char *const *out;
	} arguments = {.in = argv}; /* exec changes nothing behind it */
	int nothing = open("/dev/null", O_RDWR);
	sigset_t none;

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

/* Reads from FD into OUT until its end or the deadline. */
static int
collect(int fd, struct deadline within, struct buf *out, struct err *e)
{
	for (;;) {
		struct pollfd ready = {fd, POLLIN, 0};
		char *room = buf_room(out, READ_BLOCK);
		ssize_t n;

		if (room == NULL)
			return err_set(e, EX_CONFIG, "it printed more than %zu bytes", out->max);
		if (deadline_over(within))
			return err_set(e, EX_TEMPFAIL, "it took too long and was ended");
		if (poll(&ready, 1, deadline_left(within)) <= 0)
			continue;
		n = read(fd, room, READ_BLOCK);
		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return err_set_errno(e, EX_IOERR, errno, "cannot read its output");
		if (n > 0)
			buf_grew(out, (size_t)n);
	}
}

/*
 * Waits for CHILD until the deadline; then kills its session. A command that closed its output and
 * runs on is bounded so too.
 */
static int
reap(pid_t child, struct deadline within, bool kill_now)
{
	int status = 0;

	for (;;) {
		struct pollfd nothing = {-1, 0, 0};
		pid_t done;

		if (kill_now || deadline_over(within)) {
			(void)kill(-child, SIGKILL);
			(void)kill(child, SIGKILL);
		}
		done = waitpid(child, &status, kill_now || deadline_over(within) ? 0 : WNOHANG);
		if (done == child)
			return status;
		if (done < 0 && errno != EINTR)
			return -1;
		(void)poll(&nothing, 1, 2);
	}
}

/* Runs ARGV and captures what it prints. */
static int
capture(
    const char *const argv[], bool quiet, struct deadline within, struct buf *out, struct err *e)
{
	int ends[2], rc, status;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_set_errno(e, EX_TEMPFAIL, errno, "cannot make a pipe");
	child = fork();
	if (child == 0)
		become(argv, quiet, ends[1]);
	(void)close(ends[1]);
	if (child < 0) {
		(void)close(ends[0]);
		return err_set_errno(e, EX_TEMPFAIL, errno, "cannot start a process");
	}
	rc = collect(ends[0], within, out, e);
	(void)close(ends[0]);
	status = reap(child, within, rc != 0);
	if (rc != 0)
		return -1;
	if (WIFSIGNALED(status))
		return err_set(e, EX_CONFIG, "it was killed by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return err_set(e, EX_CONFIG, "it ended with status %d", WEXITSTATUS(status));
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
