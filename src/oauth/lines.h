/*
 * lines: the notation that OAuth2 speaks in this program: `NAME VALUE`, a line each. What goes to
 * the helper and what comes back is written so (imbuca-accounts(5)), and so is a token that is
 * kept. A name has no blank, a value no control byte.
 */
#ifndef OAUTH_LINES_H
#define OAUTH_LINES_H

#include "base/buf.h"
#include "base/str.h"

/*
 * Appends the line of NAME (a word) and VALUE, in which control bytes become blanks. Without a
 * value (ptr NULL) nothing.
 */
void oauth_lines_add(struct buf *out, const char *name, struct slice value);

/* Takes the first line off *REST. A line without a blank has a name alone. False at the end. */
bool oauth_lines_next(struct slice *rest, struct slice *name, struct slice *value);

/* The value of NAME in TEXT; of several the first; the slice without a value where there is none.
 */
struct slice oauth_lines_find(struct slice text, const char *name);

#endif
