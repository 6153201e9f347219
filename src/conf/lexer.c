/*
 * lexer: see lexer.h.
 */
#include <config.h>

#include "conf/lexer.h"

#include "base/banned.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct conf_lexer
conf_lexer_of(const char *file, struct slice text)
{
	static const struct slice byte_order_mark = STR_LITERAL("\xef\xbb\xbf");

	if (text.len >= byte_order_mark.len &&
	    str_equal((struct slice){text.ptr, byte_order_mark.len}, byte_order_mark)) {
		text.ptr += byte_order_mark.len;
		text.len -= byte_order_mark.len;
	}
	return (struct conf_lexer){.file = file, .rest = text};
}

int
conf_lexer_blame(const struct conf_lexer *lexer, const char *at, struct err *e)
{
	return err_prefix(
	    e, "%s:%u:%zu", lexer->file, lexer->line, (size_t)(at - lexer->whole.ptr) + 1);
}

int
conf_lexer_unknown(struct slice keyword, const char *meant, struct err *e)
{
	if (meant == NULL)
		return err_set(e, EX_CONFIG, "unknown keyword '%.*s'", STR_ARGS(keyword));
	return err_set(
	    e, EX_CONFIG, "unknown keyword '%.*s' (did you mean '%s'?)", STR_ARGS(keyword), meant);
}

/* Tabs are blanks; any other control byte in the line is refused. */
static int
check_bytes(const struct conf_lexer *lexer, struct err *e)
{
	struct slice rest = lexer->whole;

	while (rest.len > 0) {
		size_t at = str_find_control(rest);

		if (at == rest.len)
			break;
		if (rest.ptr[at] != '\t') {
			err_set(e, EX_CONFIG, "a control byte (0x%02x) in a text file",
			    (unsigned)(unsigned char)rest.ptr[at]);
			return conf_lexer_blame(lexer, rest.ptr + at, e);
		}
		rest.ptr += at + 1;
		rest.len -= at + 1;
	}
	return 0;
}

/*
 * Takes the quotes off VALUE. One that begins with a quoted word and goes on (a command line) is
 * left as it is, as msmtp does.
 */
static int
unquote(const struct conf_lexer *lexer, struct slice *value, struct err *e)
{
	struct slice inner = {value->ptr + 1, value->len - 1};

	if (value->len == 0 || value->ptr[0] != '"')
		return 0;
	if (str_find(inner, '"') == inner.len) {
		err_set(e, EX_CONFIG, "this quote is not closed");
		err_hint(e, "a value that itself begins with a quote is written in quotes");
		return conf_lexer_blame(lexer, value->ptr, e);
	}
	if (inner.ptr[inner.len - 1] == '"')
		*value = (struct slice){inner.ptr, inner.len - 1};
	return 0;
}

int
conf_lexer_next(struct conf_lexer *lexer, struct conf_line *out, struct err *e)
{
	while (lexer->rest.len > 0) {
		struct slice text;
		size_t n = 0;

		lexer->whole = str_cut(&lexer->rest, '\n');
		lexer->line++;
		if (lexer->whole.len > 0 && lexer->whole.ptr[lexer->whole.len - 1] == '\r')
			lexer->whole.len--;
		if (check_bytes(lexer, e) < 0)
			return -1;
		text = str_trim(lexer->whole);
		if (text.len == 0 || text.ptr[0] == '#')
			continue;
		while (n < text.len && !is_blank(text.ptr[n]))
			n++;
		out->keyword = (struct slice){text.ptr, n};
		while (n < text.len && is_blank(text.ptr[n]))
			n++;
		out->value = (struct slice){text.ptr + n, text.len - n};
		return unquote(lexer, &out->value, e) < 0 ? -1 : 1;
	}
	return 0;
}
