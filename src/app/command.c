/*
 * command: see command.h.
 */
#include <config.h>

#include <string.h>
#include <unistd.h>

#include "app/command.h"
#include "app/config.h"
#include "base/file.h"

#include "base/banned.h"

/* There is no queue yet, so this is the truth, in Postfix's words. */
static int
run_mailq(const struct app_options *options, struct err *e)
{
	static const char empty[] = "Mail queue is empty\n";

	(void)options;
	return file_write(STDOUT_FILENO, "standard output", empty, sizeof empty - 1, e);
}

/* Postinst scripts call it and want success; an aliases file needs no compiling here. */
static int
run_newaliases(const struct app_options *options, struct err *e)
{
	(void)options;
	(void)e;
	return 0;
}

static const struct app_command table[] = {
    {"config", "[ACCOUNT]", "show what is in force, and where it comes from", app_config_run},
    {"mailq", NULL, NULL, run_mailq},
    {"newaliases", NULL, NULL, run_newaliases},
};

enum { ROWS = sizeof table / sizeof table[0] };

/* The row of NAME among those that are called BY_PROGRAM, or among the others. */
static const struct app_command *
find(const char *name, bool by_program)
{
	for (size_t i = 0; i < ROWS; i++) {
		if ((table[i].help == NULL) == by_program && strcmp(name, table[i].name) == 0)
			return &table[i];
	}
	return NULL;
}

const struct app_command *
app_command_find(const char *name)
{
	return find(name, false);
}

const struct app_command *
app_command_of_program(const char *program)
{
	return find(program, true);
}

const struct app_command *
app_command_at(size_t index)
{
	return index < ROWS ? &table[index] : NULL;
}
