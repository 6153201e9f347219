/*
 * array: arrays that grow, whose owner keeps the items and their number.
 */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stddef.h>

/*
 * Room for one more item: ITEMS, or where they had to move to, of COUNT items of SIZE bytes each,
 * all of which were added one by one by this function. NULL without memory, and ITEMS is as it was.
 * The last of them is freed by free(). It takes twice the room each time, so that many items cost
 * no more than few.
 */
void *array_grow(void *items, size_t count, size_t size);

#endif
