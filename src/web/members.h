/*
 * members: what an answer in JSON (RFC 8259) says, as lines (oauth/lines). jansson is behind it.
 */
#ifndef WEB_MEMBERS_H
#define WEB_MEMBERS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/*
 * Appends a line for each member of the object JSON whose value is a text, a whole number or a
 * truth value, and whose name is made of letters, digits and `_`. All others are passed over. -1
 * with EX_PROTOCOL where it is no JSON, no object, or names a member twice.
 */
int web_members_print(struct slice json, struct buf *out, struct err *e);

#endif
