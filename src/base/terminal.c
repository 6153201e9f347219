/*
 * terminal: see terminal.h.
 *
 * No signal handler: the signals that could end or stop the program are held back while nothing is
 * shown, and looked for a few times a second; one that came is let through with the terminal as it
 * was.
 */
#include <config.h>

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <utmpx.h>

#include "base/path.h"
#include "base/terminal.h"

#include "base/banned.h"

enum { LOOK_EVERY = 100 }; /* milliseconds */

struct terminal {
	int fd;
	struct termios before;
	sigset_t held, mask; /* what is held back; what was before */
	bool secret;	     /* what is typed is not shown, and must be something */
};

static void
hide(struct terminal *t)
{
	struct termios hidden = t->before;

	(void)sigprocmask(SIG_BLOCK, &t->held, &t->mask);
	if (t->secret) {
		hidden.c_lflag &= ~(tcflag_t)ECHO;
		hidden.c_lflag |= ECHONL;
	}
	(void)tcsetattr(t->fd, TCSAFLUSH, &hidden);
}

/* As it was; a signal that was held back comes now. */
static void
show(struct terminal *t)
{
	(void)tcsetattr(t->fd, TCSADRAIN, &t->before);
	(void)sigprocmask(SIG_SETMASK, &t->mask, NULL);
}

static bool
is_signalled(const struct terminal *t)
{
	sigset_t came;

	if (sigpending(&came) != 0)
		return false;
	for (int signal = 1; signal < NSIG; signal++) {
		if (sigismember(&t->held, signal) == 1 && sigismember(&came, signal) == 1)
			return true;
	}
	return false;
}

static void
write_text(const struct terminal *t, const char *text)
{
	/* Where this fails, so will the reading. */
	if (write(t->fd, text, strlen(text)) < 0)
		return;
}

/* Opens the terminal where this program may talk on it. */
static bool
open_terminal(struct terminal *t)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGALRM};

	t->fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (t->fd < 0)
		return false;
	(void)sigemptyset(&t->held);
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
		(void)sigaddset(&t->held, signals[i]);
	if (tcgetpgrp(t->fd) == getpgrp() && tcgetattr(t->fd, &t->before) == 0)
		return true;
	(void)close(t->fd);
	return false;
}

/* Reads the line. The terminal hands it over whole, unless it is longer than any password. */
static int
read_line(struct terminal *t, const char *question, struct deadline within, struct buf *out,
    struct err *e)
{
	for (;;) {
		struct pollfd ready = {t->fd, POLLIN, 0};
		char *room;
		ssize_t n;

		if (is_signalled(t)) {
			show(t);
			hide(t);
			write_text(t, question);
		}
		if (deadline_over(within))
			return err_set(e, EX_TEMPFAIL, "nobody has answered at the terminal");
		if (poll(&ready, 1, LOOK_EVERY) <= 0)
			continue;
		room = buf_room(out, out->max - out->len);
		n = room != NULL ? read(t->fd, room, out->max - out->len) : -1;
		if (n < 0 && room != NULL && errno == EINTR)
			continue;
		if (t->secret && (n <= 0 || room[0] == '\n'))
			return err_set(e, EX_NOPERM, "no password was typed");
		if (n <= 0)
			return err_set(e, EX_NOPERM, "nothing was typed");
		buf_grew(out, (size_t)n);
		if (out->data[out->len - 1] == '\n')
			out->data[--out->len] = '\0';
		return 1;
	}
}

static int
ask(const char *question, bool secret, struct deadline within, struct buf *out, struct err *e)
{
	struct terminal t = {.secret = secret};
	int rc;

	if (!open_terminal(&t))
		return 0;
	hide(&t);
	write_text(&t, question);
	rc = read_line(&t, question, within, out, e);
	show(&t);
	(void)close(t.fd);
	return rc;
}

int
terminal_read_line(int fd, struct deadline within, struct buf *out, struct err *e)
{
	while (str_find(buf_slice(out), '\n') == out->len) {
		struct pollfd ready = {fd, POLLIN, 0};
		char *room = buf_room(out, 1);
		ssize_t n;

		if (room == NULL)
			return err_set(e, EX_DATAERR, "the line is too long");
		if (deadline_over(within))
			return err_set(e, EX_TEMPFAIL, "nobody typed a line");
		if (poll(&ready, 1, deadline_left(within)) <= 0)
			continue;
		n = read(fd, room, 1);
		if (n == 0 && out->len > 0)
			return 0;
		if (n == 0 || (n < 0 && errno != EINTR))
			return err_set(e, EX_NOINPUT, "no line was typed");
		if (n > 0)
			buf_grew(out, 1);
	}
	out->data[--out->len] = '\0';
	return 0;
}

int
terminal_ask_secret(const char *question, struct deadline within, struct buf *out, struct err *e)
{
	return ask(question, true, within, out, e);
}

int
terminal_ask(const char *question, struct deadline within, struct buf *out, struct err *e)
{
	return ask(question, false, within, out, e);
}

/* --- telling --- */

static int
open_for_words(const char *name)
{
	int fd = open(name, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd >= 0 && isatty(fd) == 0) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

/* The terminal of LOGIN, opened if it is this user's and was used after *USED. */
static int
open_login(const struct utmpx *login, time_t *used)
{
	struct buf name = BUF_INIT(PATH_MAXIMUM);
	struct stat st;
	int fd = -1;

	buf_addf(&name, "/dev/%.*s", (int)strnlen(login->ut_line, sizeof login->ut_line),
	    login->ut_line);
	if (login->ut_type == USER_PROCESS && strstr(buf_text(&name), "..") == NULL &&
	    stat(buf_text(&name), &st) == 0 && st.st_uid == getuid() && st.st_atime > *used)
		fd = open_for_words(buf_text(&name));
	if (fd >= 0)
		*used = st.st_atime;
	buf_free(&name);
	return fd;
}

static int
find_login(void)
{
	const struct utmpx *login;
	time_t used = 0;
	int best = -1;

	setutxent();
	while ((login = getutxent()) != NULL) {
		int fd = open_login(login, &used);

		if (fd >= 0 && best >= 0)
			(void)close(best);
		best = fd >= 0 ? fd : best;
	}
	endutxent();
	return best;
}

int
terminal_open_for_words(void)
{
	int fd = open_for_words("/dev/tty");

	return fd >= 0 ? fd : find_login();
}
