/*
 * secret: see secret.h.
 */
#include <config.h>

#include <errno.h>
#include <unistd.h>

#include "base/secret.h"

#include "base/banned.h"

int
secret_random(void *out, size_t n, struct err *e)
{
	if (getentropy(out, n) != 0)
		return err_set_errno(e, EX_OSERR, errno, "cannot get random bytes");
	return 0;
}

bool
secret_equal(const void *a, const void *b, size_t n)
{
	const volatile unsigned char *left = a, *right = b;
	unsigned char differs = 0;

	for (size_t i = 0; i < n; i++)
		differs |= (unsigned char)(left[i] ^ right[i]);
	return differs == 0;
}
