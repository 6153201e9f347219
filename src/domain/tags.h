/*
 * tags: lists of "name=value" separated by semicolons, as DKIM keys (RFC 6376, 3.2) and DMARC
 * policies (RFC 7489, 6.4) are written. No I/O.
 */
#ifndef DOMAIN_TAGS_H
#define DOMAIN_TAGS_H

#include <stdbool.h>

#include "base/str.h"

/* The value of the tag NAME in LIST, blanks around it cut off; no value where it is not there. */
struct slice domain_tags_find(struct slice list, const char *name);

/* Is NAME the first tag of LIST, and VALUE its value? */
bool domain_tags_begins(struct slice list, const char *name, const char *value);

#endif
