/*
 * retry: when what failed is tried again, by the word that explain has for it.
 */
#ifndef SUBMIT_RETRY_H
#define SUBMIT_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "explain/explain.h"

/*
 * The moment of the next attempt (seconds since the epoch) after ATTEMPTS (1 or more) that failed,
 * the last at NOW for RETRY, the one before it for BEFORE ("" where there was none). HACKING has
 * the words' times. For EXPLAIN_RETRY_NO it is NOW.
 */
int64_t submit_retry_next(
    enum explain_retry retry, unsigned attempts, const char *before, int64_t now);

/* The word for a failure that no reply to the message explains: E, of the session. */
enum explain_retry submit_retry_of_error(const struct err *e);

#endif
