/*
 * imbuca: the main program, also under the names sendmail, mailq and newaliases.
 */
#include <config.h>

#include <stdio.h>

#include "app/command.h"
#include "app/guard.h"
#include "app/help.h"
#include "app/options.h"
#include "app/send.h"
#include "app/serverinfo.h"
#include "app/version.h"

#include "base/banned.h"

static int
run(char **argv, struct err *e)
{
	struct app_options options = {0};
	struct buf text = BUF_INIT(64 << 10);

	if (app_guard(argv[0], e) != 0 || app_options_parse(&options, argv, e) != 0)
		return -1;
	if (options.help || options.version) {
		if (options.help)
			app_help_write(&text);
		else
			app_version(&text);
		(void)fputs(buf_text(&text), stdout);
		buf_free(&text);
		return fflush(stdout) == 0 ? 0 : err_set(e, EX_IOERR, "cannot write");
	}
	if (options.command != NULL)
		return options.command->run(&options, e);
	return options.serverinfo ? app_serverinfo_run(&options, e) : app_send_run(&options, e);
}

int
main(int argc, char **argv)
{
	struct err e = ERR_INIT;

	if (argc < 1)
		return EX_USAGE;
	if (run(argv, &e) == 0)
		return EX_OK;
	(void)fprintf(stderr, "imbuca: %s\n", e.msg);
	if (e.hint[0] != '\0')
		(void)fprintf(stderr, "imbuca: %s\n", e.hint);
	return e.ex;
}
