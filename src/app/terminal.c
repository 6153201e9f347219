/*
 * terminal: see terminal.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/terminal.h"

#include "base/banned.h"

bool
app_terminal_colours(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) == 1 && getenv("NO_COLOR") == NULL && term != NULL &&
	       strcmp(term, "dumb") != 0;
}

/* Appends LINE with its tabs as they are and all else that is no text escaped. */
static void
add_escaped(struct buf *out, struct slice line)
{
	while (line.len > 0) {
		bool more = str_find(line, '\t') < line.len;

		buf_add_escaped(out, str_cut(&line, '\t'));
		if (more)
			buf_addc(out, '\t');
	}
}

void
app_terminal_add(struct buf *out, int fd, struct slice text)
{
	void (*add)(struct buf *, struct slice) = isatty(fd) == 1 ? add_escaped : buf_add_slice;

	while (text.len > 0) {
		bool more = str_find(text, '\n') < text.len;
		struct slice line = str_cut(&text, '\n');

		if (more && line.len > 0 && line.ptr[line.len - 1] == '\r')
			line.len--;
		add(out, line);
		if (more)
			buf_addc(out, '\n');
	}
}
