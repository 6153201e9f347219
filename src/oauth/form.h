/*
 * form: names and values as a URL's query and a posted form bear them
 * (application/x-www-form-urlencoded): `name=value&name=value`.
 */
#ifndef OAUTH_FORM_H
#define OAUTH_FORM_H

#include "base/buf.h"
#include "base/str.h"

/*
 * Appends NAME (a word) and VALUE, with an `&` before them where OUT holds something that ends
 * neither in `&` nor in `?`. Without a value (ptr NULL) nothing.
 */
void oauth_form_add(struct buf *out, struct slice name, struct slice value);

/*
 * Appends the value of NAME in FORM to OUT, decoded. Returns false where there is none, and where
 * it is no encoding or holds a control byte.
 */
bool oauth_form_find(struct slice form, const char *name, struct buf *out);

#endif
