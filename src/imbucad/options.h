/*
 * options: the command line of imbucad, one table that also makes --help.
 */
#ifndef IMBUCAD_OPTIONS_H
#define IMBUCAD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum { IMBUCAD_OPTIONS_LISTENERS_MAX = 16 };

struct imbucad_options_listener {
	const char *where; /* ADDRESS[:PORT] */
	bool tls;	   /* TLS from the first byte */
};

/* The strings are argv's. */
struct imbucad_options {
	struct imbucad_options_listener listeners[IMBUCAD_OPTIONS_LISTENERS_MAX];
	size_t listeners_count;
	const char *maildir;
	const char *users;    /* NULL: no logins */
	const char *state;    /* NULL: the default folder */
	const char *hostname; /* NULL: the machine's */
	const char *log;      /* NULL: syslog */
	const char *add_user; /* `user add NAME`: the NAME; NULL to run as a daemon */
	uint64_t max_size;    /* bytes */
	uint64_t max_sessions;
	bool require_auth;
	bool help;
	bool version;
};

/* Reads ARGV, which ends with NULL, into OUT. -1 with EX_USAGE. */
int imbucad_options_parse(char *const *argv, struct imbucad_options *out, struct err *e);

/* Appends what --help says. */
void imbucad_options_help(struct buf *out);

#endif
