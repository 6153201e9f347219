/*
 * tell: see tell.h.
 */
#include <config.h>

#include <signal.h>
#include <unistd.h>

#include "app/failure.h"
#include "app/tell.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/terminal.h"

#include "base/banned.h"

enum { TEXT_MAX = 1 << 20 };

/* Writes TEXT on the user's terminal, in whatever state it is. False where there is none. */
static bool
write_to_terminal(struct slice text)
{
	int fd = terminal_open_for_words();
	struct buf lines = BUF_INIT(2 * TEXT_MAX);
	sigset_t background, before;
	struct err ignored;
	int rc;

	if (fd < 0)
		return false;
	while (text.len > 0) {
		buf_adds(&lines, "\r\n");
		buf_add_slice(&lines, str_cut(&text, '\n'));
	}
	buf_adds(&lines, "\r\n");
	/* A job in the background may write all the same. */
	(void)sigemptyset(&background);
	(void)sigaddset(&background, SIGTTOU);
	(void)sigprocmask(SIG_BLOCK, &background, &before);
	rc = file_write(fd, "the terminal", lines.data, lines.len, &ignored);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	(void)close(fd);
	buf_free(&lines);
	return rc == 0;
}

void
app_tell(const struct app_options *options, struct slice text)
{
	struct err ignored;

	if (text.len == 0 || options->errors == 'q' ||
	    (options->errors == 'w' && write_to_terminal(text)))
		return;
	(void)file_write(STDERR_FILENO, "standard error", text.ptr, text.len, &ignored);
}

int
app_tell_end(const struct app_options *options, const struct err *e)
{
	struct buf text = BUF_INIT(TEXT_MAX);

	app_failure_write("imbuca", e, &text);
	app_tell(options, buf_slice(&text));
	buf_free(&text);
	return e->ex;
}

bool
app_tell_mails(const struct app_options *options)
{
	return options->errors == 'm' || options->errors == 'e';
}
