/*
 * queue_enable: see queue_commands.h: makes the queue, and turns on what runs it.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "app/queue_commands.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/path.h"
#include "base/process.h"
#include "queue/spool.h"

#include "base/banned.h"

enum { WAIT = 30000 }; /* milliseconds for systemctl */

/* Turns on the caller's timer of systemd, which was installed with us. */
static int
start_timer(struct err *e)
{
	static const char *const command[] = {
	    "systemctl", "--user", "enable", "--now", "imbuca-queue.timer", NULL};
	struct process systemctl = {.argv = command};
	struct buf output = BUF_INIT(64 << 10);
	int rc = process_run(&systemctl, deadline_in(WAIT), &output, e);

	buf_free(&output);
	return rc;
}

int
app_queue_enable_run(const struct app_options *options, struct err *e)
{
	struct buf path = BUF_INIT(PATH_MAXIMUM);
	struct queue_spool spool;
	struct err why;
	int rc;

	if (options->operand_count > 0)
		return err_set(e, EX_USAGE, "enable takes no operand");
	rc = queue_spool_locate(&path, e);
	if (rc == 0)
		rc = queue_spool_make(buf_text(&path), e);
	if (rc == 0)
		rc = queue_spool_open(&spool, buf_text(&path), e);
	if (rc == 0) {
		queue_spool_close(&spool);
		(void)printf(_("the queue is in %s\n"), buf_text(&path));
	}
	buf_free(&path);
	if (rc != 0)
		return -1;
	if (start_timer(&why) == 0)
		(void)printf(
		    _("the timer imbuca-queue.timer sends what waits while you are logged in; "
		      "always, after:\n  loginctl enable-linger\n"));
	else {
		(void)printf(_("there is no timer of systemd's here (%s)\n"), why.msg);
		(void)printf(
		    _("let cron send what waits:\n  */5 * * * * %s queue run\n"), "imbuca");
	}
	return fflush(stdout) == 0 ? 0 : err_set(e, EX_IOERR, "cannot write standard output");
}
