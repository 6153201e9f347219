/*
 * excerpt: see excerpt.h.
 */
#include <config.h>

#include <string.h>

#include "explain/excerpt.h"

#include "base/banned.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct slice
from(struct slice s, size_t at)
{
	return (struct slice){s.ptr + at, s.len - at};
}

/* Does S hold TEXT, but for the case of letters? */
static bool
holds(struct slice s, const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; len <= s.len && i <= s.len - len; i++) {
		if (str_begins_nocase(from(s, i), text))
			return true;
	}
	return false;
}

/* --- codes --- */

/* The length of an enhanced code of a failure at the start of S, 0 where there is none. */
static size_t
enhanced_length(struct slice s)
{
	size_t i = 2;

	if (s.len < 5 || (s.ptr[0] != '4' && s.ptr[0] != '5') || s.ptr[1] != '.')
		return 0;
	for (int part = 0; part < 2; part++) {
		size_t begin = i;

		while (i < s.len && is_digit(s.ptr[i]))
			i++;
		if (i == begin || i - begin > 3)
			return 0;
		if (part == 0 && (i == s.len || s.ptr[i++] != '.'))
			return 0;
	}
	return i == s.len || !is_digit(s.ptr[i]) ? i : 0;
}

/* How Python shows what a server said: (550, b'5.1.1 ...'). The length of what stands between. */
static size_t
python_length(struct slice s)
{
	return str_begins_nocase(s, ", b'") || str_begins_nocase(s, ", b\"") ? 4 : 0;
}

/* The code of a failure at the start of S (400..599), 0 where there is none. */
static int
code_at(struct slice s)
{
	if (s.len < 3 || !is_digit(s.ptr[1]) || !is_digit(s.ptr[2]))
		return 0;
	if (s.ptr[0] != '4' && s.ptr[0] != '5')
		return 0;
	if (s.len > 3 && s.ptr[3] != '-' && !is_blank(s.ptr[3]) && python_length(from(s, 3)) == 0)
		return 0;
	return (s.ptr[0] - '0') * 100 + (s.ptr[1] - '0') * 10 + s.ptr[2] - '0';
}

/* What stands behind the code at the start of S. */
static struct slice
behind_code(struct slice s)
{
	size_t gap = python_length(from(s, 3));

	return from(s, s.len > 3 && gap == 0 ? 4 : 3 + gap);
}

/*
 * The code of a reply at position AT of LINE, 0 where there is none. Within a line only those codes
 * count that servers use, so that a port (465, 587) is none.
 */
static int
reply_at(struct slice line, size_t at)
{
	static const char openers[] = " \t\"'(=[>;";
	int code = code_at(from(line, at));

	if (at == 0)
		return code;
	if (strchr(openers, line.ptr[at - 1]) == NULL || (code > 459 && code < 500) || code > 579)
		return 0;
	return code;
}

/*
 * Where in LINE a reply begins: a code with an enhanced one behind it, else the first code.
 * LINE.len where there is none.
 */
static size_t
find_code(struct slice line)
{
	size_t first = line.len;

	for (size_t i = 0; i < line.len; i++) {
		if (reply_at(line, i) == 0)
			continue;
		if (enhanced_length(behind_code(from(line, i))) > 0)
			return i;
		if (first == line.len)
			first = i;
	}
	return first;
}

/* --- what stands around it --- */

/* What a line says of the stage: Postfix's words, ours, a transcript's. */
static enum explain_stage
stage_of(struct slice line)
{
	static const struct {
		const char *words;
		enum explain_stage stage;
	} signs[] = {
	    {"in reply to EHLO", EXPLAIN_EHLO},
	    {"in reply to HELO", EXPLAIN_EHLO},
	    {"in reply to STARTTLS", EXPLAIN_TLS},
	    {"in reply to AUTH", EXPLAIN_AUTH},
	    {"in reply to MAIL", EXPLAIN_MAIL},
	    {"in reply to RCPT", EXPLAIN_RCPT},
	    {"in reply to DATA", EXPLAIN_DATA},
	    {"in reply to end of DATA", EXPLAIN_DATA},
	    {"SASL authentication failed", EXPLAIN_AUTH},
	    {"authentication failed (method", EXPLAIN_AUTH},
	    {"refuses the login", EXPLAIN_AUTH},
	    {"refuses the sender", EXPLAIN_MAIL},
	    {"refuses the recipient", EXPLAIN_RCPT},
	    {"refuses the message", EXPLAIN_DATA},
	    {"refuses to take the message", EXPLAIN_DATA},
	    {"refuses STARTTLS", EXPLAIN_TLS},
	    {"does not want this connection", EXPLAIN_CONNECT},
	    {"refused to talk to me", EXPLAIN_CONNECT},
	    {"recipient address <", EXPLAIN_RCPT},
	};

	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
		if (holds(line, signs[i].words))
			return signs[i].stage;
	}
	return EXPLAIN_UNKNOWN;
}

/* S without what a log puts behind a reply: the quote that OPENED it, Postfix's "(in reply to". */
static struct slice
without_tail(struct slice s, char opened)
{
	static const char tail[] = "(in reply to";

	for (size_t i = 0; i < s.len; i++) {
		bool quote = s.ptr[i] == opened && (opened == '"' || opened == '\'');
		bool ends = i + 1 == s.len || strchr(" ,})", s.ptr[i + 1]) != NULL;

		if ((quote && ends) || str_begins_nocase(from(s, i), tail))
			s.len = i;
	}
	return str_trim(s);
}

/* --- one reply --- */

/* Takes the line TEXT, which stands behind the code, into OUT. */
static void
take_line(struct explain_excerpt *out, struct slice text)
{
	size_t n = enhanced_length(text = str_trim(text));

	if (n > 0 && out->enhanced[0] == '\0')
		(void)str_copy(out->enhanced, sizeof out->enhanced, (struct slice){text.ptr, n});
	text = str_trim(from(text, n));
	if (out->text.len > 0 && text.len > 0)
		buf_addc(&out->text, ' ');
	buf_add_slice(&out->text, text);
}

/* The line at the start of *REST as it continues a reply of CODE: what stands behind the code. */
static bool
continues(struct slice *rest, int code, bool folded, struct slice *text)
{
	struct slice next = *rest, line = str_cut(&next, '\n');
	size_t at = find_code(line);

	if (folded && line.len > 0 && is_blank(line.ptr[0]) && str_trim(line).len > 0)
		*text = str_trim(line);
	else if (at < line.len && code_at(from(line, at)) == code)
		*text = behind_code(from(line, at));
	else
		return false;
	*rest = next;
	return true;
}

/* May the reply at position AT of LINE go on in lines that begin with a blank? In a report's field
 * it may, and in its text for people, as Postfix writes it. */
static bool
is_folded(struct slice line, size_t at)
{
	static const char said[] = "said: ";
	size_t len = sizeof said - 1;

	return str_begins_nocase(line, "Diagnostic-Code:") ||
	       (at >= len && str_begins_nocase(from(line, at - len), said));
}

/* What opened the quotes that the reply at position AT of LINE stands in, a blank where nothing
 * did. */
static char
opener_of(struct slice line, size_t at)
{
	size_t gap = python_length(from(line, at + 3));

	if (gap > 0)
		return line.ptr[at + 3 + gap - 1];
	return at > 0 ? line.ptr[at - 1] : ' ';
}

/* Reads the reply that begins at position AT of LINE, and its further lines from *REST. */
static void
take_reply(struct slice line, size_t at, struct slice *rest, struct explain_excerpt *out)
{
	bool folded = is_folded(line, at);
	struct slice reply = from(line, at), text;
	bool more;

	out->code = code_at(reply);
	out->stage = stage_of(line);
	more = folded || (reply.len > 3 && reply.ptr[3] == '-');
	take_line(out, behind_code(reply));
	while (more && continues(rest, out->code, folded, &text)) {
		/* A folded line may begin with the reply's own next code. */
		if (folded && code_at(text) == out->code)
			text = behind_code(text);
		if (out->stage == EXPLAIN_UNKNOWN)
			out->stage = stage_of(text);
		take_line(out, text);
	}
	buf_truncate(&out->text, without_tail(buf_slice(&out->text), opener_of(line, at)).len);
}

/* The field NAME in the lines of FIELDS up to an empty one, with its folded lines. */
static struct slice
find_field(struct slice fields, const char *name)
{
	struct slice found = {NULL, 0};

	while (fields.ptr != NULL) {
		struct slice line = str_cut(&fields, '\n');

		if (str_trim(line).len == 0 || (found.ptr != NULL && !is_blank(line.ptr[0])))
			break;
		if (found.ptr != NULL)
			found = str_range(found.ptr, line.ptr + line.len);
		else if (str_begins_nocase(line, name))
			found = line;
	}
	return found;
}

static bool
has_code(struct slice text)
{
	while (text.ptr != NULL) {
		struct slice line = str_cut(&text, '\n');

		if (find_code(line) < line.len)
			return true;
	}
	return false;
}

/* "Status: 5.1.1" of a report, with the words of a Diagnostic-Code that follows; where that has a
 * reply, it is told in place of this. */
static bool
take_status(struct slice line, struct slice rest, struct explain_excerpt *out)
{
	struct slice value = line, words;

	if (!str_begins_nocase(line, "Status:"))
		return false;
	(void)str_cut(&value, ':');
	value = str_trim(value);
	words = find_field(rest, "Diagnostic-Code:");
	if (enhanced_length(value) == 0 || has_code(words))
		return false;
	out->code = (value.ptr[0] - '0') * 100;
	out->stage = EXPLAIN_DSN;
	take_line(out, value);
	(void)str_cut(&words, ';');
	while (words.ptr != NULL)
		take_line(out, str_cut(&words, '\n'));
	return true;
}

/* The message that a report returns (RFC 6522) has numbers of its own: what is in it, up to the
 * next boundary, is passed over. */
static bool
skip_returned(struct slice line, struct slice *rest)
{
	if (!str_begins_nocase(line, "Content-Type: message/rfc822") &&
	    !str_begins_nocase(line, "Content-Type: text/rfc822-headers"))
		return false;
	while (rest->ptr != NULL) {
		struct slice next = str_cut(rest, '\n');

		if (next.len > 2 && str_begins_nocase(next, "--") && !is_blank(next.ptr[2]))
			break;
	}
	return true;
}

static void
forget(struct explain_excerpt *out)
{
	buf_reset(&out->text);
	out->code = 0;
	out->enhanced[0] = '\0';
	out->stage = EXPLAIN_UNKNOWN;
}

bool
explain_excerpt_next(struct slice *rest, struct explain_excerpt *out)
{
	forget(out);
	while (rest->ptr != NULL) {
		struct slice line = str_cut(rest, '\n');
		size_t at;

		if (skip_returned(line, rest))
			continue;
		if (take_status(line, *rest, out))
			return true;
		at = find_code(line);
		if (at == line.len)
			continue;
		take_reply(line, at, rest, out);
		return true;
	}
	return false;
}

void
explain_excerpt_whole(struct slice text, struct explain_excerpt *out)
{
	size_t n = enhanced_length(text = str_trim(text));

	forget(out);
	if (n > 0) {
		out->code = (text.ptr[0] - '0') * 100;
		out->stage = EXPLAIN_DSN;
	}
	while (text.ptr != NULL)
		take_line(out, str_cut(&text, '\n'));
}
