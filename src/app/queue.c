/*
 * queue: see queue.h.
 */
#include <config.h>

#include <string.h>

#include "app/queue.h"
#include "app/queue_commands.h"
#include "base/path.h"
#include "base/suggest.h"
#include "queue/id.h"

#include "base/banned.h"

static const struct {
	const char *name;
	int (*run)(const struct app_options *options, struct err *e);
} table[] = {
    {"list", app_queue_list_run},
    {"show", app_queue_list_show},
    {"run", app_queue_flush_run},
    {"retry", app_queue_flush_retry},
    {"hold", app_queue_change_hold},
    {"release", app_queue_change_release},
    {"remove", app_queue_change_remove},
    {"status", app_queue_status_run},
    {"enable", app_queue_enable_run},
};

enum { ROWS = sizeof table / sizeof table[0] };

int
app_queue_check_ids(const struct app_options *options, struct err *e)
{
	for (size_t i = 0; i < options->operand_count; i++) {
		if (!queue_id_is(str_slice(options->operands[i])))
			return err_set(e, EX_USAGE, "'%s' is no name of a queued message",
			    options->operands[i]);
	}
	return 0;
}

int
app_queue_open(struct queue_spool *spool, struct err *e)
{
	struct buf path = BUF_INIT(PATH_MAXIMUM);
	int rc = queue_spool_locate(&path, e);

	if (rc == 0)
		rc = queue_spool_exists(buf_text(&path), e);
	if (rc == 1 && queue_spool_open(spool, buf_text(&path), e) != 0)
		rc = -1;
	buf_free(&path);
	return rc;
}

int
app_queue_run(const struct app_options *options, struct err *e)
{
	struct app_options rest = *options;
	const char *name = options->operand_count > 0 ? options->operands[0] : "list";
	struct suggest s = suggest_for(str_slice(name));

	if (options->operand_count > 0) {
		rest.operands++;
		rest.operand_count--;
	}
	for (size_t i = 0; i < ROWS; i++) {
		if (strcmp(table[i].name, name) == 0)
			return table[i].run(&rest, e);
		suggest_offer(&s, table[i].name);
	}
	(void)err_set(e, EX_USAGE, "queue has no command '%s'", name);
	if (s.best != NULL)
		return err_hint(e, "did you mean '%s'?", s.best);
	return err_hint(
	    e, "there are list, show, run, retry, hold, release, remove, status, enable");
}
