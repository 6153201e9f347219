/*
 * members: see members.h.
 */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "oauth/lines.h"
#include "web/members.h"

#include "base/banned.h"

static bool
is_word(const char *name)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

	return name[0] != '\0' && name[strspn(name, letters)] == '\0';
}

static void
print(const char *name, const json_t *value, struct buf *out)
{
	char number[24];

	if (json_is_string(value)) {
		oauth_lines_add(
		    out, name, (struct slice){json_string_value(value), json_string_length(value)});
	} else if (json_is_integer(value)) {
		(void)snprintf(
		    number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		oauth_lines_add(out, name, str_slice(number));
	} else if (json_is_boolean(value)) {
		oauth_lines_add(out, name, str_slice(json_is_true(value) ? "true" : "false"));
	}
}

int
web_members_print(struct slice json, struct buf *out, struct err *e)
{
	json_error_t why;
	json_t *object = json_loadb(json.ptr, json.len, JSON_REJECT_DUPLICATES, &why);
	const char *name;
	json_t *value;

	if (object == NULL)
		return err_set(e, EX_PROTOCOL, "the answer is no JSON: %s", why.text);
	if (!json_is_object(object)) {
		json_decref(object);
		return err_set(e, EX_PROTOCOL, "the answer is JSON, but no object");
	}
	json_object_foreach(object, name, value)
	{
		if (is_word(name))
			print(name, value, out);
	}
	json_decref(object);
	return 0;
}
