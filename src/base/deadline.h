/*
 * deadline: a moment until which something may take, on the monotonic clock. Every wait of this
 * program has one; a wait that is woken early goes on with what is left, so that a peer that sends
 * a byte now and then gains nothing by it.
 */
#ifndef BASE_DEADLINE_H
#define BASE_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

struct deadline {
	int64_t at; /* milliseconds on CLOCK_MONOTONIC */
};

/* Milliseconds on the monotonic clock, for durations. */
int64_t deadline_now(void);

/* The moment MILLISECONDS (0 or more) from now. */
struct deadline deadline_in(int64_t milliseconds);

/* The sooner of two. */
struct deadline deadline_sooner(struct deadline a, struct deadline b);

/* Milliseconds left, as poll(2) takes them: 0 when it is over, at most INT_MAX. */
int deadline_left(struct deadline d);

/* Is it over? */
bool deadline_over(struct deadline d);

/* Waits so many MILLISECONDS, or until a signal comes. */
void deadline_nap(int milliseconds);

#endif
