/*
 * provider_file: providers out of files that add to the built-in table or replace a row of it:
 * /etc/imbuca/providers, then $XDG_CONFIG_HOME/imbuca/providers, which counts for more.
 *
 * The grammar is that of the table itself, which data/providers describes: lines of a keyword and
 * its value (conf/lexer), `provider NAME` opening a row. A file that others can write is refused,
 * since it says where a password goes.
 */
#ifndef CONF_PROVIDER_FILE_H
#define CONF_PROVIDER_FILE_H

#include "conf/provider.h"

/*
 * Reads the files that are there into *OUT, which conf_provider_file_free frees; NULL where they
 * say nothing. EX_CONFIG with FILE:LINE:COLUMN for a bad line.
 */
int conf_provider_file_load(struct conf_provider_more **out, struct err *e);

/* Puts the rows of TEXT, which is FILE's, before those that MORE has. */
int conf_provider_file_parse(
    struct conf_provider_more *more, const char *file, struct slice text, struct err *e);

/* NULL is fine. */
void conf_provider_file_free(struct conf_provider_more *more);

#endif
