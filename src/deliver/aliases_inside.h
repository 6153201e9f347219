/*
 * aliases_inside: what a set of aliases is made of, for the files aliases*.c alone.
 */
#ifndef DELIVER_ALIASES_INSIDE_H
#define DELIVER_ALIASES_INSIDE_H

#include <sys/stat.h>

#include "deliver/aliases.h"

/* Bytes of the file, and of one that is included. */
enum { DELIVER_ALIASES_FILE_MAXIMUM = 1 << 20 };

struct deliver_aliases_row {
	char *name;
	unsigned line; /* of the file, where it begins */
	struct deliver_target_list targets;
	struct err *fault; /* what is wrong with its line, NULL for nothing */
};

struct deliver_aliases {
	char *file;
	struct stat facts; /* the file's when it was read */
	struct deliver_aliases_row *rows;
	size_t count;
	bool is_whole; /* no line is wrong */
	bool follows;  /* others, which it has taken the place of */
};

/* Is told of lines that are wrong; without TELL, the first of them ends the reading. */
struct deliver_aliases_faults {
	void (*tell)(void *context, const struct err *e);
	void *context;
};

/* As deliver_aliases_load, but that FAULTS, where it wants them, gets bad lines: what such a one is
 * about is a row with that fault. */
int deliver_aliases_read(const char *file, const struct deliver_aliases_faults *faults,
    struct deliver_aliases **out, struct err *e);

/* The row of NAME, or NULL. ALIASES may be NULL. */
const struct deliver_aliases_row *deliver_aliases_find(
    const struct deliver_aliases *aliases, struct slice name);

/* Puts FILE:LINE:COLUMN of AT, which points into its TEXT, before E's message. Returns -1. */
int deliver_aliases_blame(const char *file, struct slice text, const char *at, struct err *e);

/* Refuses control bytes; *AT is where. */
int deliver_aliases_check_bytes(struct slice text, const char **at, struct err *e);

#endif
