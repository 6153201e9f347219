/*
 * paragraph: see paragraph.h.
 */
#include <config.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include "app/paragraph.h"

#include "base/banned.h"

enum { COLUMNS = 80, COLUMNS_MIN = 40, COLUMNS_MAX = 100, TEXT_MAX = 64 << 10 };

size_t
app_paragraph_columns(int fd)
{
	struct winsize size;

	if (isatty(fd) == 0 || ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return COLUMNS;
	if (size.ws_col < COLUMNS_MIN)
		return COLUMNS_MIN;
	return size.ws_col > COLUMNS_MAX ? COLUMNS_MAX : size.ws_col;
}

size_t
app_paragraph_columns_of(struct slice s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.ptr[i] & 0xc0) != 0x80;
	return n;
}

static void
add_blanks(struct buf *out, size_t n)
{
	while (n-- > 0)
		buf_addc(out, ' ');
}

void
app_paragraph_add(const struct app_paragraph *p, const char *word, const char *text)
{
	struct buf clean = BUF_INIT(TEXT_MAX);
	struct slice rest, head = str_slice(word);
	size_t at = APP_PARAGRAPH_MARGIN, taken = app_paragraph_columns_of(head) + 3;

	buf_add_escaped(&clean, str_slice(text));
	rest = buf_slice(&clean);
	if (rest.len == 0) {
		buf_free(&clean);
		return;
	}
	if (p->colour != NULL)
		buf_addf(p->out, "  \33[%sm%s\33[m", p->colour, word);
	else
		buf_addf(p->out, "  %s", word);
	add_blanks(p->out, taken < at ? at - taken + 1 : 1);
	while (rest.ptr != NULL) {
		struct slice next = str_cut(&rest, ' ');
		size_t length = app_paragraph_columns_of(next);

		if (at > APP_PARAGRAPH_MARGIN && at + 1 + length > p->width) {
			buf_addc(p->out, '\n');
			add_blanks(p->out, APP_PARAGRAPH_MARGIN);
			at = APP_PARAGRAPH_MARGIN;
		} else if (at > APP_PARAGRAPH_MARGIN) {
			buf_addc(p->out, ' ');
			at++;
		}
		buf_add_slice(p->out, next);
		at += length;
	}
	buf_addc(p->out, '\n');
	buf_free(&clean);
}
