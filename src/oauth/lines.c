/*
 * lines: see lines.h.
 */
#include <config.h>

#include "oauth/lines.h"

#include "base/banned.h"

void
oauth_lines_add(struct buf *out, const char *name, struct slice value)
{
	if (value.ptr == NULL)
		return;
	buf_adds(out, name);
	buf_addc(out, ' ');
	while (value.len > 0) {
		size_t n = str_find_control(value);

		buf_add(out, value.ptr, n);
		if (n < value.len) {
			buf_addc(out, ' ');
			n++;
		}
		value = (struct slice){value.ptr + n, value.len - n};
	}
	buf_addc(out, '\n');
}

bool
oauth_lines_next(struct slice *rest, struct slice *name, struct slice *value)
{
	while (rest->ptr != NULL) {
		struct slice line = str_trim(str_cut(rest, '\n'));

		if (line.len == 0)
			continue;
		*name = str_cut(&line, ' ');
		*value = line.ptr != NULL ? str_trim(line) : line;
		return true;
	}
	return false;
}

struct slice
oauth_lines_find(struct slice text, const char *name)
{
	struct slice found, value;

	while (oauth_lines_next(&text, &found, &value)) {
		if (str_is(found, name))
			return value;
	}
	return (struct slice){NULL, 0};
}
