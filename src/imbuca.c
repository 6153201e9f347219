/*
 * imbuca: the main program, also under the names sendmail, mailq and newaliases.
 */
#include <config.h>

#include <stdio.h>
#include <unistd.h>

#include "app/command.h"
#include "app/guard.h"
#include "app/help.h"
#include "app/options.h"
#include "app/send.h"
#include "app/serverinfo.h"
#include "app/version.h"
#include "base/file.h"

#include "base/banned.h"

/* Prints the text that WRITE makes. */
static int
show(void (*write)(struct buf *out), struct err *e)
{
	struct buf text = BUF_INIT(64 << 10);
	int rc;

	write(&text);
	rc = file_write(STDOUT_FILENO, "standard output", buf_text(&text), text.len, e);
	buf_free(&text);
	return rc;
}

static int
run(char **argv, struct err *e)
{
	struct app_options options = {0};

	if (app_guard(argv[0], e) != 0 || app_options_parse(&options, argv, e) != 0)
		return -1;
	if (options.help || options.version)
		return show(options.help ? app_help_write : app_version, e);
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
