/*
 * netrc: see netrc.h.
 */
#include <config.h>

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "sasl/netrc.h"

#include "base/banned.h"

enum { FILE_MAX = 256 << 10, WORD_MAX = 4096 };

struct entry {
	bool host, user; /* is it for the host, for the user? */
	bool has_password;
	struct buf password;
};

struct search {
	struct slice rest;
	const char *host, *user;
	struct entry entry;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char
take(struct slice *rest)
{
	rest->len--;
	return *rest->ptr++;
}

/* Takes the next word into WORD. Returns false at the end of the text. */
static bool
next_word(struct slice *rest, struct buf *word)
{
	bool quoted;

	buf_reset(word);
	while (rest->len > 0 && is_blank(*rest->ptr))
		(void)take(rest);
	if (rest->len == 0)
		return false;
	quoted = *rest->ptr == '"';
	if (quoted)
		(void)take(rest);
	while (rest->len > 0 && (quoted ? *rest->ptr != '"' : !is_blank(*rest->ptr))) {
		char c = take(rest);

		if (quoted && c == '\\' && rest->len > 0)
			c = take(rest);
		buf_addc(word, c);
	}
	if (quoted && rest->len > 0)
		(void)take(rest);
	return true;
}

/* --- the keywords: each is given the word behind it --- */

static void
begin(struct search *s, bool host)
{
	s->entry.host = host;
	s->entry.user = true;
	s->entry.has_password = false;
}

static void
take_machine(struct search *s, struct slice word)
{
	begin(s, str_is_nocase(word, s->host));
}

static void
take_login(struct search *s, struct slice word)
{
	s->entry.user = str_is(word, s->user);
}

static void
take_password(struct search *s, struct slice word)
{
	buf_reset(&s->entry.password);
	buf_add_slice(&s->entry.password, word);
	s->entry.has_password = true;
}

static void
pass_over(struct search *s, struct slice word)
{
	(void)s;
	(void)word;
}

/* A macro ends with an empty line. */
static void
pass_over_macro(struct search *s, struct slice word)
{
	(void)word;
	(void)str_cut(&s->rest, '\n');
	while (s->rest.len > 0 && str_trim(str_cut(&s->rest, '\n')).len > 0)
		;
}

static const struct keyword {
	const char *name;
	void (*take)(struct search *s, struct slice word);
} keywords[] = {
    {"machine", take_machine},
    {"login", take_login},
    {"password", take_password},
    {"account", pass_over},
    {"macdef", pass_over_macro},
};

static bool
is_found(const struct entry *entry)
{
	return entry->host && entry->user && entry->has_password;
}

/* Goes on behind the keyword WORD, which becomes its value. */
static void
take_keyword(struct search *s, struct buf *word)
{
	for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
		if (!str_is(buf_slice(word), keywords[i].name))
			continue;
		if (next_word(&s->rest, word))
			keywords[i].take(s, buf_slice(word));
		return;
	}
	if (str_is(buf_slice(word), "default"))
		begin(s, true);
	else if (word->len > 0 && word->data[0] == '#')
		(void)str_cut(&s->rest, '\n');
}

/* Does WORD open another entry, so that the one before is complete? */
static bool
is_opening(const struct buf *word)
{
	return str_is(buf_slice(word), "machine") || str_is(buf_slice(word), "default");
}

bool
sasl_netrc_search(struct slice text, const char *host, const char *user, struct buf *out)
{
	struct search s = {text, host, user, {false, false, false, BUF_INIT(WORD_MAX)}};
	struct buf word = BUF_INIT(WORD_MAX);
	bool found;

	while (next_word(&s.rest, &word)) {
		if (is_opening(&word) && is_found(&s.entry))
			break;
		take_keyword(&s, &word);
	}
	found = is_found(&s.entry);
	if (found)
		buf_add_slice(out, buf_slice(&s.entry.password));
	buf_wipe(&s.entry.password);
	buf_wipe(&word);
	return found;
}

int
sasl_netrc_find(
    const char *file, const char *host, const char *user, struct buf *out, struct err *e)
{
	struct buf text = BUF_INIT(FILE_MAX);
	int fd = file_open_read(file, e);
	int rc;

	if (fd < 0)
		return e->ex == EX_NOINPUT || e->ex == EX_NOPERM ? 0 : -1;
	rc = file_read_fd(fd, file, &text, e);
	if (rc == 0 && sasl_netrc_search(buf_slice(&text), host, user, out))
		rc = file_check_secret(fd, file, e) == 0 ? 1 : -1;
	buf_wipe(&text);
	(void)close(fd);
	return rc;
}
