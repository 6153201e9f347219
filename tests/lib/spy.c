/*
 * spy: preloaded into a program, it looks, when that ends, for $SPY_FOR in all memory that the
 * program could write, its stack and its environment aside, and says where it has found it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 256 };

/* Kept so that the copy here is none. */
static char wanted[MOST];
static size_t count;

static void __attribute__((constructor)) begin(void)
{
	const char *said = getenv("SPY_FOR");

	for (; said != NULL && said[count] != '\0' && count < MOST; count++)
		wanted[count] = (char)(said[count] ^ 1);
}

static int
is_wanted(const char *at)
{
	size_t i = 0;

	while (i < count && (at[i] ^ 1) == wanted[i])
		i++;
	return i == count;
}

static void __attribute__((destructor)) end(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[1024];
	unsigned long from, to;

	if (maps == NULL || count == 0)
		return;
	while (fgets(line, sizeof line, maps) != NULL) {
		if (sscanf(line, "%lx-%lx rw", &from, &to) != 2 || strstr(line, " rw") == NULL ||
		    strstr(line, "[stack]") != NULL)
			continue;
		for (const char *at = (const char *)from; at + count <= (const char *)to; at++) {
			if (is_wanted(at))
				fprintf(stderr, "spy: found at %p, %s", (const void *)at, line);
		}
	}
	fprintf(stderr, "spy: done\n");
}
