/*
 * json: see json.h.
 */
#include <config.h>

#include "base/json.h"

#include "base/banned.h"

static void
quoted(struct buf *out, struct slice text)
{
	bool utf8 = str_is_utf8(text);

	buf_addc(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c < 0x20 || c == 0x7f || (c > 0x7f && !utf8)) {
			buf_addf(out, "\\u%04x", (unsigned)c);
			continue;
		}
		if (c == '"' || c == '\\')
			buf_addc(out, '\\');
		buf_addc(out, (char)c);
	}
	buf_addc(out, '"');
}

/* What stands before a value: a comma after another value, and the member's name. */
static void
begin(struct json *j, const char *key)
{
	if (j->more)
		buf_addc(j->out, ',');
	j->more = true;
	if (key != NULL) {
		quoted(j->out, str_slice(key));
		buf_addc(j->out, ':');
	}
}

static void
open_with(struct json *j, const char *key, char bracket)
{
	begin(j, key);
	buf_addc(j->out, bracket);
	j->more = false;
}

static void
close_with(struct json *j, char bracket)
{
	buf_addc(j->out, bracket);
	j->more = true;
}

void
json_object(struct json *j, const char *key)
{
	open_with(j, key, '{');
}

void
json_object_end(struct json *j)
{
	close_with(j, '}');
}

void
json_array(struct json *j, const char *key)
{
	open_with(j, key, '[');
}

void
json_array_end(struct json *j)
{
	close_with(j, ']');
}

void
json_text(struct json *j, const char *key, struct slice value)
{
	begin(j, key);
	if (value.ptr == NULL)
		buf_adds(j->out, "null");
	else
		quoted(j->out, value);
}

void
json_number(struct json *j, const char *key, int64_t value)
{
	begin(j, key);
	buf_addf(j->out, "%" PRId64, value);
}

void
json_bool(struct json *j, const char *key, bool value)
{
	begin(j, key);
	buf_adds(j->out, value ? "true" : "false");
}
