/*
 * plan: see plan.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "imbucad/plan.h"

#include "base/banned.h"

static bool
is_same(const char *a, const char *b)
{
	return strcmp(a, b != NULL ? b : "") == 0;
}

static bool
fits(const struct imbucad_plan_item *item, const struct imbucad_plan_request *r)
{
	return item->kind == r->kind && !item->done && is_same(item->user, r->user) &&
	       is_same(item->where, r->where) && is_same(item->detail, r->detail) &&
	       is_same(item->owner, r->owner) && item->mark == r->mark;
}

static void
free_item(struct imbucad_plan_item *item)
{
	free(item->user);
	free(item->where);
	free(item->detail);
	free(item->owner);
}

static char *
copy_of(const char *text)
{
	return strdup(text != NULL ? text : "");
}

/* A new item; its number, or SIZE_MAX where memory runs out. */
static size_t
append_item(struct imbucad_plan *plan, const struct imbucad_plan_request *r)
{
	struct imbucad_plan_item *grown = array_grow(plan->items, plan->items_count, sizeof *grown);
	struct imbucad_plan_item *item;

	if (grown == NULL)
		return SIZE_MAX;
	plan->items = grown;
	item = &grown[plan->items_count];
	*item = (struct imbucad_plan_item){.kind = r->kind,
	    .user = copy_of(r->user),
	    .where = copy_of(r->where),
	    .detail = copy_of(r->detail),
	    .owner = copy_of(r->owner),
	    .is_final = r->is_final,
	    .is_users = r->is_users,
	    .mark = r->mark};
	if (item->user != NULL && item->where != NULL && item->detail != NULL &&
	    item->owner != NULL)
		return plan->items_count++;
	free_item(item);
	return SIZE_MAX;
}

bool
imbucad_plan_leads(const struct imbucad_plan *plan, size_t recipient, size_t item)
{
	for (size_t i = 0; i < plan->ways_count; i++) {
		if (plan->ways[i].recipient == recipient && plan->ways[i].item == item)
			return true;
	}
	return false;
}

static int
append_way(struct imbucad_plan *plan, size_t recipient, size_t item)
{
	struct imbucad_plan_way *grown;

	if (imbucad_plan_leads(plan, recipient, item))
		return 0;
	grown = array_grow(plan->ways, plan->ways_count, sizeof *grown);
	if (grown == NULL)
		return -1;
	plan->ways = grown;
	grown[plan->ways_count++] = (struct imbucad_plan_way){recipient, item};
	return 0;
}

int
imbucad_plan_add(struct imbucad_plan *plan, size_t recipient,
    const struct imbucad_plan_request *request, struct err *e)
{
	size_t item = 0;

	while (item < plan->items_count && !fits(&plan->items[item], request))
		item++;
	if (item == plan->items_count)
		item = append_item(plan, request);
	if (item != SIZE_MAX && !request->is_final)
		plan->items[item].is_final = false;
	if (item == SIZE_MAX || append_way(plan, recipient, item) == -1)
		return err_set(e, EX_TEMPFAIL, "no memory for a delivery");
	return 0;
}

const struct err *
imbucad_plan_result(const struct imbucad_plan *plan, size_t recipient)
{
	const struct err *result = NULL;

	for (size_t i = 0; i < plan->ways_count; i++) {
		const struct err *e = &plan->items[plan->ways[i].item].result;

		if (plan->ways[i].recipient != recipient || e->ex == 0)
			continue;
		if (result == NULL || (e->code < 500 && result->code >= 500))
			result = e;
	}
	return result;
}

void
imbucad_plan_free(struct imbucad_plan *plan)
{
	for (size_t i = 0; i < plan->items_count; i++)
		free_item(&plan->items[i]);
	free(plan->items);
	free(plan->ways);
	*plan = (struct imbucad_plan){.items = NULL};
}
