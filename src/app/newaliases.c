/*
 * newaliases: see newaliases.h.
 */
#include <config.h>

#include <string.h>
#include <unistd.h>

#include "app/account.h"
#include "app/failure.h"
#include "app/newaliases.h"
#include "deliver/aliases.h"
#include "submit/route.h"

#include "base/banned.h"

/* Tells what was wrong before, and keeps E. */
static void
take(void *context, const struct err *e)
{
	struct err *last = context;

	if (last->ex != 0)
		(void)app_failure_tell("imbuca", last);
	*last = *e;
}

static int
check(const char *file, struct err *e)
{
	struct err fault = ERR_INIT;

	*e = (struct err)ERR_INIT;
	if (file == NULL)
		file = SUBMIT_ROUTE_ALIASES;
	if (strcmp(file, SUBMIT_ROUTE_ALIASES) == 0 && access(file, F_OK) != 0)
		return 0;
	if (deliver_aliases_check(file, take, e, &fault) != 0)
		take(e, &fault);
	return e->ex == 0 ? 0 : -1;
}

/* What -oA says. */
static const char *
find_option(const struct app_options *options)
{
	for (size_t i = 0; i < options->override_count; i++) {
		if (strcmp(options->overrides[i].keyword, "aliases") == 0)
			return options->overrides[i].value;
	}
	return NULL;
}

int
app_newaliases_run(const struct app_options *options, struct err *e)
{
	const char *file = find_option(options);
	struct app_account account = {.missing = true};
	int rc;

	if (file == NULL && app_account_find(&account, options, NULL, NULL, e) == 0)
		file = account.account->aliases;
	rc = account.account != NULL || account.missing ? check(file, e) : -1;
	app_account_free(&account);
	return rc;
}
