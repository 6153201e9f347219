/*
 * imbuca: the main program, also under the names of sendmail's (app/options).
 */
#include <config.h>

#include <unistd.h>

#include "app/command.h"
#include "app/guard.h"
#include "app/guess.h"
#include "app/help.h"
#include "app/options.h"
#include "app/rmqs.h"
#include "app/send.h"
#include "app/serverinfo.h"
#include "app/tell.h"
#include "app/version.h"
#include "base/file.h"
#include "base/i18n.h"

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
run(struct app_options *options, char **argv, struct err *e)
{
	if (app_guard(argv[0], e) != 0 || app_options_parse(options, argv, e) != 0)
		return -1;
	if (options->help || options->version)
		return show(options->help ? app_help_write : app_version, e);
	if (options->command != NULL)
		return options->command->run(options, e);
	if (options->rmqs != NULL)
		return app_rmqs_run(options, e);
	if (options->serverinfo)
		return app_serverinfo_run(options, e);
	return app_guess(options, e) == 0 ? app_send_run(options, e) : -1;
}

int
main(int argc, char **argv)
{
	struct app_options options = {0};
	struct err e = ERR_INIT;

	if (argc < 1)
		return EX_USAGE;
	i18n_start();
	if (run(&options, argv, &e) == 0)
		return EX_OK;
	return app_tell_end(&options, &e);
}
