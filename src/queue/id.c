/*
 * id: see id.h.
 */
#include <config.h>

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "queue/id.h"

#include "base/banned.h"

/* In the order of ASCII, so that names sort as what they stand for. */
static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

enum { RANDOM = 5, MOMENT = QUEUE_ID_SIZE - 1 - RANDOM };

int
queue_id_make(char out[QUEUE_ID_SIZE], struct err *e)
{
	unsigned char random[RANDOM];
	struct timespec now;
	uint64_t moment;

	if (getentropy(random, sizeof random) != 0)
		return err_set_errno(e, EX_OSERR, errno, "cannot get random bytes");
	(void)clock_gettime(CLOCK_REALTIME, &now);
	moment = (uint64_t)now.tv_sec << 10 | (uint64_t)now.tv_nsec * 1024 / 1000000000;
	for (size_t i = 0; i < MOMENT; i++)
		out[i] = alphabet[moment >> 5 * (MOMENT - 1 - i) & 31];
	for (size_t i = 0; i < RANDOM; i++)
		out[MOMENT + i] = alphabet[random[i] & 31];
	out[QUEUE_ID_SIZE - 1] = '\0';
	return 0;
}

bool
queue_id_is(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\0' || strchr(alphabet, text.ptr[i]) == NULL)
			return false;
	}
	return text.len == QUEUE_ID_SIZE - 1;
}
