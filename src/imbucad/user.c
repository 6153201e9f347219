/*
 * user: see user.h.
 */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "imbucad/house.h"
#include "imbucad/passwd.h"
#include "imbucad/user.h"
#include "sasl/users.h"

#include "base/banned.h"

enum { PASSWORD_MAXIMUM = 1024 };

/* One line of standard input, without its end, byte by byte so that no copy stays in a stream. */
static int
read_line(struct buf *out, struct err *e)
{
	char c = '\0';
	ssize_t got;

	while ((got = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n')
		buf_addc(out, c);
	if (got == -1)
		return err_set_errno(e, EX_IOERR, errno, "cannot read the password");
	if (out->full)
		return err_set(e, EX_DATAERR, "the password is too long");
	return 0;
}

/* As read_line, on a terminal that shows PROMPT and not what is typed. */
static int
ask(const char *prompt, struct buf *out, struct err *e)
{
	struct termios seen, unseen;
	int status;

	if (tcgetattr(STDIN_FILENO, &seen) == -1)
		return err_set_errno(e, EX_IOERR, errno, "cannot use the terminal");
	unseen = seen;
	unseen.c_lflag &= ~(tcflag_t)ECHO;
	(void)fputs(prompt, stderr);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen);
	status = read_line(out, e);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &seen);
	(void)fputs("\n", stderr);
	return status;
}

static int
read_password(struct buf *out, struct err *e)
{
	struct buf again = BUF_INIT(PASSWORD_MAXIMUM);
	int status;

	if (!isatty(STDIN_FILENO))
		return read_line(out, e);
	status = ask("Password: ", out, e);
	if (status == 0)
		status = ask("Once more: ", &again, e);
	if (status == 0 && !str_equal(buf_slice(out), buf_slice(&again)))
		status = err_set(e, EX_DATAERR, "the two differ");
	buf_wipe(&again);
	return status;
}

int
imbucad_user_add(const struct conf_daemon *conf, const char *name, struct err *e)
{
	struct imbucad_passwd user = {.uid = geteuid(), .gid = getegid()};
	struct buf password = BUF_INIT(PASSWORD_MAXIMUM);
	int status = read_password(&password, e);

	/* Whom root would run the daemon as reads the file; there may be nobody yet. */
	if (status == 0 && imbucad_house_is_privileged(conf) &&
	    imbucad_passwd_find(str_slice(conf->user), &user, e) == -1)
		status = -1;
	if (status == 0)
		status = sasl_users_set_for(
		    conf->users, user.uid, user.gid, str_slice(name), buf_slice(&password), e);
	buf_wipe(&password);
	return status;
}
