/*
 * imbucad: the daemon that takes mail on a socket and puts it into a mailbox of this machine.
 */
#include <config.h>

#include <stdio.h>

#include "app/failure.h"
#include "app/guard.h"
#include "app/version.h"
#include "imbucad/check.h"
#include "imbucad/options.h"
#include "imbucad/supervisor.h"
#include "imbucad/user.h"

#include "base/banned.h"

enum { TEXT_MAXIMUM = 16384 };

static int
run_daemon(const struct imbucad_options *options, struct err *e)
{
	return imbucad_supervisor_run(options, e);
}

static int
run_check(const struct imbucad_options *options, struct err *e)
{
	struct conf_daemon conf;
	int status;

	if (imbucad_options_configure(options, &conf, e) == -1)
		return -1;
	status = imbucad_check(&conf, options->words, e);
	conf_daemon_free(&conf);
	return fflush(stdout) == 0 ? status : err_set(e, EX_IOERR, "cannot write");
}

static int
run_user_add(const struct imbucad_options *options, struct err *e)
{
	struct conf_daemon conf;
	int status;

	if (imbucad_options_configure(options, &conf, e) == -1)
		return -1;
	if (conf.users == NULL)
		status = err_set(e, EX_USAGE, "--users FILE is missing");
	else
		status = imbucad_user_add(&conf, options->words[0], e);
	conf_daemon_free(&conf);
	return status;
}

static int
print(struct buf *text, struct err *e)
{
	(void)fputs(buf_text(text), stdout);
	buf_free(text);
	return fflush(stdout) == 0 ? 0 : err_set(e, EX_IOERR, "cannot write");
}

static int
run_help(const struct imbucad_options *options, struct err *e)
{
	struct buf text = BUF_INIT(TEXT_MAXIMUM);

	(void)options;
	imbucad_options_help(&text);
	return print(&text, e);
}

static int
run_version(const struct imbucad_options *options, struct err *e)
{
	struct buf text = BUF_INIT(TEXT_MAXIMUM);

	(void)options;
	app_version(&text);
	return print(&text, e);
}

static int
run(char *const *argv, struct err *e)
{
	static int (*const actions[])(const struct imbucad_options *options, struct err *e) = {
	    [IMBUCAD_OPTIONS_RUN] = run_daemon,
	    [IMBUCAD_OPTIONS_CHECK] = run_check,
	    [IMBUCAD_OPTIONS_USER_ADD] = run_user_add,
	    [IMBUCAD_OPTIONS_HELP] = run_help,
	    [IMBUCAD_OPTIONS_VERSION] = run_version,
	};
	struct imbucad_options options;

	if (app_guard(argv[0], e) == -1 || imbucad_options_parse(argv, &options, e) == -1)
		return -1;
	return actions[options.action](&options, e);
}

int
main(int argc, char **argv)
{
	struct err e = ERR_INIT;

	if (argc < 1)
		return EX_USAGE;
	if (run(argv, &e) == 0)
		return EX_OK;
	return app_failure_tell("imbucad", &e);
}
