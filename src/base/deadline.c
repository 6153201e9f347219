/*
 * deadline: see deadline.h.
 */
#include <config.h>

#include <limits.h>
#include <poll.h>
#include <stddef.h>
#include <time.h>

#include "base/deadline.h"

#include "base/banned.h"

int64_t
deadline_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct deadline
deadline_in(int64_t milliseconds)
{
	return (struct deadline){deadline_now() + milliseconds};
}

struct deadline
deadline_sooner(struct deadline a, struct deadline b)
{
	return a.at < b.at ? a : b;
}

int
deadline_left(struct deadline d)
{
	int64_t left = d.at - deadline_now();

	if (left <= 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

bool
deadline_over(struct deadline d)
{
	return deadline_left(d) == 0;
}

void
deadline_nap(int milliseconds)
{
	(void)poll(NULL, 0, milliseconds);
}
