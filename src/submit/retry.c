/*
 * retry: see retry.h.
 */
#include <config.h>

#include <string.h>

#include "base/secret.h"
#include "submit/retry.h"

#include "base/banned.h"

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

/* Seconds to wait, for the first time; doubled each time up to the most. */
static const struct {
	int64_t first, most;
} waits[] = {
    [EXPLAIN_RETRY_NOW] = {0, 0},
    [EXPLAIN_RETRY_BACKOFF] = {MINUTE, HOUR},
    [EXPLAIN_RETRY_LATER] = {HOUR, HOUR},
    [EXPLAIN_RETRY_TOMORROW] = {DAY, DAY},
    [EXPLAIN_RETRY_SPLIT] = {0, 0},
    [EXPLAIN_RETRY_FIX] = {4 * HOUR, 4 * HOUR},
    [EXPLAIN_RETRY_NO] = {0, 0},
};

/* SECONDS, up to a fifth less or more, so that many who failed together do not come together. */
static int64_t
jitter(int64_t seconds)
{
	struct err ignored;
	uint32_t random;

	if (secret_random(&random, sizeof random, &ignored) != 0)
		random = UINT32_MAX / 2;
	return seconds - seconds / 5 + (int64_t)random * (seconds / 5 * 2 + 1) / UINT32_MAX;
}

int64_t
submit_retry_next(enum explain_retry retry, unsigned attempts, const char *before, int64_t now)
{
	int64_t wait;

	/* What should pass at once and does not the second time takes its time. */
	if (retry == EXPLAIN_RETRY_NOW && strcmp(before, explain_retry_word(retry)) == 0)
		retry = EXPLAIN_RETRY_BACKOFF;
	wait = waits[retry].first;
	for (unsigned i = 1; i < attempts && wait < waits[retry].most; i++)
		wait *= 2;
	if (wait > waits[retry].most)
		wait = waits[retry].most;
	return now + jitter(wait);
}

enum explain_retry
submit_retry_of_error(const struct err *e)
{
	static const struct {
		int ex;
		enum explain_retry retry;
	} rows[] = {
	    {EX_TEMPFAIL, EXPLAIN_RETRY_BACKOFF},
	    {EX_NOHOST, EXPLAIN_RETRY_BACKOFF}, /* a resolver that is not there says so too */
	    {EX_NOPERM, EXPLAIN_RETRY_FIX},	/* login, certificate */
	    {EX_CONFIG, EXPLAIN_RETRY_FIX},
	    {EX_DATAERR, EXPLAIN_RETRY_NO}, /* the message is too large for the server */
	};

	struct explain_verdict verdict;

	if (e->failure != NULL && explain_failure(e->failure, &verdict))
		return verdict.retry;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].ex == e->ex)
			return rows[i].retry;
	}
	return EXPLAIN_RETRY_LATER;
}
