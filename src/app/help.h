/*
 * help: the text of --help, from the tables of commands and options.
 */
#ifndef APP_HELP_H
#define APP_HELP_H

#include "base/buf.h"

/* Appends the text: usage, commands, options by group. No line is longer than 80 columns. */
void app_help_write(struct buf *out);

#endif
