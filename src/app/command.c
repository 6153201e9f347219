/*
 * command: see command.h.
 */
#include <config.h>

#include <string.h>
#include <unistd.h>

#include "app/check.h"
#include "app/command.h"
#include "app/config.h"
#include "app/dns.h"
#include "app/explain.h"
#include "app/login.h"
#include "app/queue.h"
#include "app/queue_commands.h"
#include "app/queue_flush.h"
#include "app/newaliases.h"
#include "app/providers.h"
#include "app/session.h"
#include "app/setup.h"
#include "app/verify.h"
#include "base/i18n.h"

#include "base/banned.h"

/* What asks for nothing that is here, and is no reason to fail. */
static int
run_nothing(const struct app_options *options, struct err *e)
{
	(void)options;
	(void)e;
	return 0;
}

static int
refuse_daemon(const struct app_options *options, struct err *e)
{
	(void)options;
	(void)err_set(e, EX_USAGE, "this program is no daemon");
	return err_hint(e, "imbucad(8) is the one that receives mail on this machine");
}

static int
refuse_test(const struct app_options *options, struct err *e)
{
	(void)options;
	(void)err_set(e, EX_USAGE, "there are no rules for addresses that could be tested");
	return err_hint(e, "-P shows what would be done with a message");
}

static const struct app_command table[] = {
    {"check", "[ACCOUNT | ADDRESS]", N_("try an account step by step, and say what is wrong"),
	app_check_run, NULL},
    {"config", "[ACCOUNT]", N_("show what is in force, and where it comes from"), app_config_run,
	"C"},
    {"dns", "DOMAIN | ADDRESS", N_("show what a domain says about its mail, and judge it"),
	app_dns_run, NULL},
    {"explain", "[CODE TEXT...]", N_("say what a server's reply means, and what to do"),
	app_explain_run, NULL},
    {"login", "[ACCOUNT]", N_("get a token in place of a password (OAuth2)"), app_login_run, NULL},
    {"logout", "[ACCOUNT]", N_("give it back"), app_login_out, NULL},
    {"queue", "[COMMAND] [ID...]",
	N_("what waits: list, show, run, retry, hold, release, remove, status, enable"),
	app_queue_run, NULL},
    {"mailq", NULL, NULL, app_queue_list_mailq, "p"},
    {"providers", "[NAME | ADDRESS]", N_("show the mail providers that are known, or all of one"),
	app_providers_run, NULL},
    {"newaliases", NULL, NULL, app_newaliases_run, "i"},
    {"runq", NULL, NULL, app_queue_flush_option, NULL},
    {"setup", "ADDRESS", N_("find the server for an address, try it, write the account"),
	app_setup_run, NULL},
    {NULL, NULL, NULL, app_session_run, "s"},
    {NULL, NULL, NULL, app_verify_run, "v"},
    {NULL, NULL, NULL, app_queue_list_count, "P"},
    {NULL, NULL, NULL, app_config_run, "O"},
    {NULL, NULL, NULL, run_nothing, "h"}, /* the state of hosts: none is kept */
    {NULL, NULL, NULL, run_nothing, "H"},
    {NULL, NULL, NULL, refuse_daemon, "d"},
    {NULL, NULL, NULL, refuse_daemon, "D"},
    {NULL, NULL, NULL, refuse_daemon, "l"},
    {NULL, NULL, NULL, refuse_test, "t"},
};

enum { ROWS = sizeof table / sizeof table[0] };

/* The row of NAME among those that are called BY_PROGRAM, or among the others. */
static const struct app_command *
find(const char *name, bool by_program)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (table[i].name != NULL && (table[i].help == NULL) == by_program &&
		    strcmp(name, table[i].name) == 0)
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
app_command_of_mode(const char *mode)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (table[i].mode != NULL && strcmp(mode, table[i].mode) == 0)
			return &table[i];
	}
	return NULL;
}

const struct app_command *
app_command_at(size_t index)
{
	return index < ROWS ? &table[index] : NULL;
}
