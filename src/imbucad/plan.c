/*
 * plan: see plan.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/str.h"
#include "imbucad/plan.h"

#include "base/banned.h"

static bool
is_same(const char *a, const char *b)
{
	return strcmp(a, b != NULL ? b : "") == 0;
}

/* Two addresses elsewhere are one where their domains differ in case alone. */
static bool
is_same_place(const struct imbucad_plan_item *item, const struct imbucad_plan_request *r)
{
	const char *domain = strrchr(item->where, '@'), *other;
	size_t local;

	if (r->kind != IMBUCAD_PLAN_RELAY || domain == NULL)
		return is_same(item->where, r->where);
	other = strrchr(r->where, '@');
	local = (size_t)(domain - item->where);
	return other != NULL && (size_t)(other - r->where) == local &&
	       strncmp(item->where, r->where, local) == 0 &&
	       str_is_nocase(str_slice(domain), other);
}

static bool
is_like(const struct imbucad_plan_item *item, const struct imbucad_plan_request *r)
{
	return item->kind == r->kind && is_same(item->user, r->user) && is_same_place(item, r) &&
	       is_same(item->detail, r->detail) && is_same(item->owner, r->owner) &&
	       item->mark == r->mark;
}

bool
imbucad_plan_has(const struct imbucad_plan_item *item)
{
	return item->done && !item->passed_on && item->result.ex == 0;
}

/* A mailbox that has the message is the same one, whether its ~/.forward was asked or not. */
static bool
fits(const struct imbucad_plan_item *item, const struct imbucad_plan_request *r)
{
	return is_like(item, r) &&
	       (item->is_final == r->is_final || (r->is_final && imbucad_plan_has(item)));
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
	if (r->failed != NULL && r->failed->ex != 0) {
		item->done = true;
		item->result = *r->failed;
	}
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

/* RECIPIENT leads to ITEM, and to where that is passed on. */
static int
append_way(struct imbucad_plan *plan, size_t recipient, size_t item)
{
	struct imbucad_plan_way *grown;
	int status = 0;

	if (imbucad_plan_leads(plan, recipient, item))
		return 0;
	grown = array_grow(plan->ways, plan->ways_count, sizeof *grown);
	if (grown == NULL)
		return -1;
	plan->ways = grown;
	grown[plan->ways_count++] = (struct imbucad_plan_way){recipient, item};
	for (size_t i = 0; status == 0 && i < plan->passes_count; i++) {
		if (plan->passes[i].from == item)
			status = append_way(plan, recipient, plan->passes[i].to);
	}
	return status;
}

/* FROM is passed on to TO, and so are those who lead to it, now or later. */
static int
append_pass(struct imbucad_plan *plan, size_t from, size_t to)
{
	struct imbucad_plan_pass *grown =
	    array_grow(plan->passes, plan->passes_count, sizeof *grown);
	int status = 0;

	if (grown == NULL)
		return -1;
	plan->passes = grown;
	grown[plan->passes_count++] = (struct imbucad_plan_pass){from, to};
	for (size_t i = 0; status == 0 && i < plan->ways_count; i++) {
		if (plan->ways[i].item == from)
			status = append_way(plan, plan->ways[i].recipient, to);
	}
	return status;
}

int
imbucad_plan_add(struct imbucad_plan *plan, struct imbucad_plan_source source,
    const struct imbucad_plan_request *request, struct err *e)
{
	size_t item = 0;
	int status = -1;

	while (item < plan->items_count && !fits(&plan->items[item], request))
		item++;
	if (item == plan->items_count)
		item = append_item(plan, request);
	if (item != SIZE_MAX)
		status = source.is_item ? append_pass(plan, source.number, item)
					: append_way(plan, source.number, item);
	return status == 0 ? 0 : err_set(e, EX_TEMPFAIL, "no memory for a delivery");
}

const struct imbucad_plan_item *
imbucad_plan_twin(const struct imbucad_plan *plan, size_t index)
{
	const struct imbucad_plan_item *item = &plan->items[index];
	const struct imbucad_plan_request same = {.kind = item->kind,
	    .user = item->user,
	    .where = item->where,
	    .detail = item->detail,
	    .owner = item->owner,
	    .mark = item->mark};

	for (size_t i = 0; i < plan->items_count; i++) {
		if (i != index && is_like(&plan->items[i], &same))
			return &plan->items[i];
	}
	return NULL;
}

const struct imbucad_plan_item *
imbucad_plan_circle(const struct imbucad_plan *plan, size_t recipient)
{
	const struct imbucad_plan_item *first = NULL;

	for (size_t i = 0; i < plan->ways_count; i++) {
		const struct imbucad_plan_item *item = &plan->items[plan->ways[i].item];

		if (plan->ways[i].recipient != recipient)
			continue;
		if (!item->passed_on || item->result.ex != 0)
			return NULL;
		if (first == NULL)
			first = item;
	}
	return first;
}

const struct err *
imbucad_plan_result(const struct imbucad_plan *plan, size_t recipient)
{
	static const struct err nowhere = {.ex = EX_TEMPFAIL,
	    .code = 451,
	    .enhanced = "4.3.0",
	    .msg = "the recipient stands for nobody"};
	const struct err *result = NULL;
	bool is_somewhere = false;

	for (size_t i = 0; i < plan->ways_count; i++) {
		const struct imbucad_plan_item *item = &plan->items[plan->ways[i].item];
		const struct err *e = &item->result;

		if (plan->ways[i].recipient != recipient)
			continue;
		is_somewhere = is_somewhere || !item->passed_on;
		if (e->ex != 0 && (result == NULL || (e->code < 500 && result->code >= 500)))
			result = e;
	}
	return result != NULL || is_somewhere ? result : &nowhere;
}

bool
imbucad_plan_reaches(const struct imbucad_plan *plan, size_t recipient)
{
	for (size_t i = 0; i < plan->ways_count; i++) {
		if (plan->ways[i].recipient == recipient &&
		    plan->items[plan->ways[i].item].result.ex == 0)
			return true;
	}
	return false;
}

void
imbucad_plan_free(struct imbucad_plan *plan)
{
	for (size_t i = 0; i < plan->items_count; i++)
		free_item(&plan->items[i]);
	free(plan->items);
	free(plan->ways);
	free(plan->passes);
	*plan = (struct imbucad_plan){.items = NULL};
}
