/*
 * secret: what nobody may guess.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* The most random bytes that are given at once. */
enum { SECRET_RANDOM_MAX = 256 };

/* Fills N bytes (at most SECRET_RANDOM_MAX) at OUT that nobody can guess. -1 with EX_OSERR. */
int secret_random(void *out, size_t n, struct err *e);

/* Are the N bytes at A and B the same? Takes as long for any answer. */
bool secret_equal(const void *a, const void *b, size_t n);

#endif
