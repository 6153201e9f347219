/*
 * imbucad: the daemon that takes mail on a socket and puts it into a mailbox of this machine.
 */
#include <config.h>

#include <stdio.h>

#include "app/guard.h"
#include "app/version.h"
#include "imbucad/daemon.h"
#include "imbucad/options.h"
#include "imbucad/user.h"

#include "base/banned.h"

/* --help and --version. */
static int
show(const struct imbucad_options *options, struct err *e)
{
	struct buf text = BUF_INIT(16384);

	if (options->help)
		imbucad_options_help(&text);
	else
		app_version(&text);
	(void)fputs(buf_text(&text), stdout);
	buf_free(&text);
	return fflush(stdout) == 0 ? 0 : err_set(e, EX_IOERR, "cannot write");
}

static int
run(char *const *argv, struct err *e)
{
	struct imbucad_options options;

	if (app_guard(argv[0], e) == -1 || imbucad_options_parse(argv, &options, e) == -1)
		return -1;
	if (options.help || options.version)
		return show(&options, e);
	if (options.add_user != NULL)
		return imbucad_user_add(options.users, options.add_user, e);
	return imbucad_daemon_run(&options, e);
}

int
main(int argc, char **argv)
{
	struct err e = ERR_INIT;

	if (argc < 1)
		return EX_USAGE;
	if (run(argv, &e) == 0)
		return EX_OK;
	(void)fprintf(stderr, "imbucad: %s\n", e.msg);
	if (e.hint[0] != '\0')
		(void)fprintf(stderr, "imbucad: %s\n", e.hint);
	return e.ex;
}
