/*
 * array: see array.h.
 */
#include <config.h>

#include <stdlib.h>

#include "base/array.h"

#include "base/banned.h"

void *
array_grow(void *items, size_t count, size_t size)
{
	/* There is room for a power of two, which is full where COUNT is one. */
	if ((count & (count - 1)) != 0)
		return items;
	return reallocarray(items, count == 0 ? 1 : 2 * count, size);
}
