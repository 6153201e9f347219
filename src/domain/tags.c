/*
 * tags: see tags.h.
 */
#include <config.h>

#include "domain/tags.h"

#include "base/banned.h"

/* Takes the next tag off *LIST: its name, and its value. */
static struct slice
next(struct slice *list, struct slice *value)
{
	struct slice name;

	*value = str_cut(list, ';');
	name = str_trim(str_cut(value, '='));
	*value = str_trim(*value);
	return name;
}

struct slice
domain_tags_find(struct slice list, const char *name)
{
	while (list.ptr != NULL) {
		struct slice value;

		if (str_is(next(&list, &value), name))
			return value;
	}
	return (struct slice){NULL, 0};
}

bool
domain_tags_begins(struct slice list, const char *name, const char *value)
{
	struct slice got;

	return list.ptr != NULL && str_is(next(&list, &got), name) && str_is(got, value);
}
