/*
 * version: what --version says: the program, and the libraries that it runs with.
 */
#ifndef APP_VERSION_H
#define APP_VERSION_H

#include "base/buf.h"

/* Appends the lines of --version. */
void app_version(struct buf *out);

#endif
