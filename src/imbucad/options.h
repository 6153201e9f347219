/*
 * options: the command line of imbucad, one table that also makes --help.
 */
#ifndef IMBUCAD_OPTIONS_H
#define IMBUCAD_OPTIONS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf/daemon.h"

enum { IMBUCAD_OPTIONS_MAX = 64 };

enum imbucad_options_action {
	IMBUCAD_OPTIONS_RUN,
	IMBUCAD_OPTIONS_CHECK,	  /* the words are addresses */
	IMBUCAD_OPTIONS_USER_ADD, /* the word is the user's name */
	IMBUCAD_OPTIONS_HELP,
	IMBUCAD_OPTIONS_VERSION,
};

/* A keyword of imbucad.conf that an option sets. */
struct imbucad_options_setting {
	const char *option; /* as it is in the table: "--listen-tls" */
	const char *keyword;
	const char *value;
	const char *suffix; /* behind the value */
};

/* The strings are argv's, or the table's. */
struct imbucad_options {
	enum imbucad_options_action action;
	const char *words[IMBUCAD_OPTIONS_MAX + 1]; /* up to a NULL */
	const char *file;			    /* -C; NULL: the usual one, if it is there */
	struct imbucad_options_setting settings[IMBUCAD_OPTIONS_MAX];
	size_t settings_count;
	size_t words_count;
};

/* Reads ARGV, which ends with NULL, into OUT. -1 with EX_USAGE. */
int imbucad_options_parse(char *const *argv, struct imbucad_options *out, struct err *e);

/*
 * The configuration: the file, and on top of it the options; with --maildir, and without -C, no
 * file is read. The caller frees OUT with conf_daemon_free. As conf_daemon_load and
 * conf_daemon_settle.
 */
int imbucad_options_configure(
    const struct imbucad_options *options, struct conf_daemon *out, struct err *e);

/* Appends what --help says. */
void imbucad_options_help(struct buf *out);

#endif
