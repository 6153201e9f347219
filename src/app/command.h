/*
 * command: the commands of imbuca, one row each: `imbuca NAME`, a name that it is called by, or a
 * mode of sendmail's (-bX).
 */
#ifndef APP_COMMAND_H
#define APP_COMMAND_H

#include <stdbool.h>

#include "app/options.h"
#include "base/err.h"

struct app_command {
	const char *name;      /* NULL: a mode alone */
	const char *arguments; /* as --help shows them */
	const char *help;      /* half a line; NULL: known by argv[0] alone */
	int (*run)(const struct app_options *options, struct err *e); /* prints to stdout */
	const char *mode; /* what follows -b; NULL: none */
};

/* The command NAME of imbuca, NULL where there is none. */
const struct app_command *app_command_find(const char *name);

/* The command that a program called PROGRAM is (mailq, newaliases, runq), NULL where it is none. */
const struct app_command *app_command_of_program(const char *program);

/* The command that -bMODE is, NULL where it is none. */
const struct app_command *app_command_of_mode(const char *mode);

/* The row at INDEX, NULL beyond the last. */
const struct app_command *app_command_at(size_t index);

#endif
