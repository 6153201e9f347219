/*
 * aliases_check: what is wrong with an aliases file: see aliases.h.
 */
#include <config.h>

#include "deliver/aliases_inside.h"

#include "base/banned.h"

/* Works out whom ROW stands for, whose includes may be missing or refused. */
static int
check_row(const struct deliver_aliases *aliases, const struct deliver_aliases_row *row,
    const struct deliver_aliases_faults *faults, struct err *e)
{
	static const struct deliver_aliases_scope scope = {NULL, false};
	char nothing[] = "";
	const struct mail_address address = {.local = row->name, .domain = nothing};
	struct deliver_target_list list = {NULL, 0};
	int status;

	if (row->fault != NULL)
		return 0;
	status = deliver_aliases_expand(aliases, &scope, &address, &list, e);
	if (status >= 0)
		status = deliver_target_list_check(&list, e);
	deliver_target_list_free(&list);
	if (status >= 0)
		return 0;
	(void)err_prefix(e, "%s:%u:1: '%s'", aliases->file, row->line, row->name);
	if (e->ex == EX_TEMPFAIL)
		return -1;
	faults->tell(faults->context, e);
	*e = (struct err)ERR_INIT;
	return 0;
}

int
deliver_aliases_check(const char *file, void (*tell)(void *context, const struct err *e),
    void *context, struct err *e)
{
	const struct deliver_aliases_faults faults = {tell, context};
	struct deliver_aliases *aliases = NULL;
	int status = deliver_aliases_read(file, &faults, &aliases, e);

	for (size_t i = 0; status == 0 && i < aliases->count; i++)
		status = check_row(aliases, &aliases->rows[i], &faults, e);
	deliver_aliases_free(aliases);
	return status;
}
