/*
 * json: writes JSON (RFC 8259) into a buffer, for the commands' --json. Objects, texts, numbers
 * and booleans, on one line; it does not read JSON.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <inttypes.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

struct json {
	struct buf *out; /* its `full` says whether all of it fitted */
	bool more;	 /* a value stands before: a comma comes first */
};

/* A writer that appends to BUF. */
#define JSON_INIT(buf)       \
	{                    \
		(buf), false \
	}

/*
 * Opens and closes an object or an array. KEY is the member's name, and NULL for an array's
 * element and the outermost value, here and below.
 */
void json_object(struct json *j, const char *key);
void json_object_end(struct json *j);
void json_array(struct json *j, const char *key);
void json_array_end(struct json *j);

/*
 * A text; without a value (ptr NULL) null. Where it is not UTF-8 each byte over 0x7f is written as
 * the character of that number, so that the output always is.
 */
void json_text(struct json *j, const char *key, struct slice value);
void json_number(struct json *j, const char *key, int64_t value);
void json_bool(struct json *j, const char *key, bool value);

#endif
