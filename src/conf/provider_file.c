/*
 * provider_file: see provider_file.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/file.h"
#include "base/path.h"
#include "base/suggest.h"
#include "conf/lexer.h"
#include "conf/provider_file.h"

#include "base/banned.h"

enum { FILE_MAXIMUM = 1 << 20, PROVIDERS_MAXIMUM = 1024, LIST_MAXIMUM = 4096 };

/* What reading works with. */
struct job {
	struct conf_provider_more *more;
	struct conf_provider *row; /* NULL above the first */
	struct conf_lexer lexer;
	size_t first; /* the rows from here on are this file's */
	bool doubted; /* the keyword had a question mark */
};

static const char *const none[] = {NULL};
static const struct conf_provider_port no_port[] = {{0, false, false}};

/* --- memory: all that rows point to is freed with them --- */

/* Takes over BLOCK, which may be NULL. Returns it; NULL, and it is freed, without memory. */
static void *
keep(struct conf_provider_more *more, void *block, struct err *e)
{
	void **grown = NULL;

	if (block != NULL)
		grown = array_grow(more->blocks, more->block_count, sizeof *grown);
	if (grown == NULL) {
		free(block);
		(void)err_set(e, EX_TEMPFAIL, "out of memory");
		return NULL;
	}
	more->blocks = grown;
	grown[more->block_count++] = block;
	return block;
}

static const char *
keep_text(struct job *job, struct slice text, struct err *e)
{
	return keep(job->more, strndup(text.ptr, text.len), e);
}

/* --- the kinds of value; each sets FIELD --- */

struct keyword;

static int
parse_text(struct job *job, const struct keyword *k, void *field, struct slice value, struct err *e)
{
	const char *text = keep_text(job, value, e);

	(void)k;
	*(const char **)field = text;
	return text != NULL ? 0 : -1;
}

/* Cuts the next word off *REST. */
static struct slice
cut_word(struct slice *rest)
{
	size_t n = 0;

	*rest = str_trim(*rest);
	while (n < rest->len && rest->ptr[n] != ' ' && rest->ptr[n] != '\t')
		n++;

	struct slice word = {rest->ptr, n};

	*rest = str_trim((struct slice){rest->ptr + n, rest->len - n});
	return word;
}

/* The words go behind those that the list has. */
static int
parse_list(struct job *job, const struct keyword *k, void *field, struct slice value, struct err *e)
{
	const char *const *old = *(const char *const **)field;
	const char **list;
	size_t n = 0;

	(void)k;
	while (old[n] != NULL)
		n++;
	list = keep(job->more, calloc(n + value.len / 2 + 2, sizeof *list), e);
	if (list == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		list[i] = old[i];
	while (value.len > 0 && n < LIST_MAXIMUM) {
		if ((list[n++] = keep_text(job, cut_word(&value), e)) == NULL)
			return -1;
	}
	*(const char *const **)field = list;
	return 0;
}

struct keyword {
	const char *name;
	int (*parse)(struct job *job, const struct keyword *k, void *field, struct slice value,
	    struct err *e);
	size_t offset;
	unsigned doubt; /* CONF_PROVIDER_FIELD_... */
	const char *const *words;
	uint64_t maximum;
};

/* The index of WORD among K's words, or -1 with an error. */
static int
index_of(const struct keyword *k, struct slice word, struct err *e)
{
	struct suggest s = suggest_for(word);

	for (int i = 0; k->words[i] != NULL; i++) {
		if (str_is(word, k->words[i]))
			return i;
		suggest_offer(&s, k->words[i]);
	}
	if (s.best == NULL)
		return err_set(e, EX_CONFIG, "'%.*s' is no value of '%s'", STR_ARGS(word), k->name);
	return err_set(e, EX_CONFIG, "'%.*s' is no value of '%s' (did you mean '%s'?)",
	    STR_ARGS(word), k->name, s.best);
}

static int
parse_word(struct job *job, const struct keyword *k, void *field, struct slice value, struct err *e)
{
	int index = index_of(k, value, e);

	(void)job;
	if (index >= 0)
		*(int *)field = index;
	return index >= 0 ? 0 : -1;
}

/* Each word is a bit. */
static int
parse_words(
    struct job *job, const struct keyword *k, void *field, struct slice value, struct err *e)
{
	(void)job;
	while (value.len > 0) {
		int index = index_of(k, cut_word(&value), e);

		if (index < 0)
			return -1;
		*(unsigned *)field |= 1U << index;
	}
	return 0;
}

static int
parse_number(
    struct job *job, const struct keyword *k, void *field, struct slice value, struct err *e)
{
	uint64_t number;

	(void)job;
	if (!str_number(value, 1, k->maximum, &number))
		return err_set(e, EX_CONFIG, "'%.*s' is no number", STR_ARGS(value));
	if (k->maximum > UINT32_MAX)
		*(uint64_t *)field = number;
	else
		*(unsigned *)field = (unsigned)number;
	return 0;
}

/* A word, and behind "literal" another. */
static int
parse_user(struct job *job, const struct keyword *k, void *field, struct slice value, struct err *e)
{
	int index = index_of(k, cut_word(&value), e);

	(void)field;
	if (index < 0)
		return -1;
	if ((index == CONF_PROVIDER_USER_LITERAL) != (value.len > 0))
		return err_set(
		    e, EX_CONFIG, "'user' is address, local, other, any, or literal and the name");
	job->row->user = (enum conf_provider_user)index;
	return value.len == 0 ? 0 : parse_text(job, k, &job->row->user_word, value, e);
}

static int
parse_port(struct job *job, const struct keyword *k, void *field, struct slice value, struct err *e)
{
	const struct conf_provider_port **ports = field;
	struct slice rest = value, number = cut_word(&rest);
	struct conf_provider_port *grown;
	uint64_t port;
	int tls = str_is(rest, "tls") || str_is(rest, "starttls") ? 0 : -1;
	size_t n = 0;

	if (tls < 0 || !str_number(number, 1, k->maximum, &port))
		return err_set(e, EX_CONFIG,
		    "'%.*s' is not a port and how it is spoken, tls or starttls", STR_ARGS(value));
	while ((*ports)[n].number != 0)
		n++;
	grown = keep(job->more, calloc(n + 2, sizeof *grown), e);
	if (grown == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		grown[i] = (*ports)[i];
	grown[n] =
	    (struct conf_provider_port){(unsigned)port, str_is(rest, "starttls"), job->doubted};
	*ports = grown;
	return 0;
}

/* --- the keywords --- */

/* In the order of the enums. */
static const char *const kinds[] = {
    "mailbox", "isp", "hosting", "business", "pec", "esp", "bridge", NULL};
static const char *const knowns[] = {"confirmed", "listed", "unverified", NULL};
static const char *const users[] = {"address", "local", "literal", "other", "any", NULL};
static const char *const passwords[] = {"account", "app", "key", "smtp", "oauth", NULL};
static const char *const senders[] = {"unknown", "own", "domain", "verified", "rewritten", NULL};

#define FIELD(name) offsetof(struct conf_provider, name)
#define TEXT(name, bit)                                                            \
	{                                                                          \
#name, parse_text, FIELD(name), CONF_PROVIDER_FIELD_##bit, NULL, 0 \
	}
#define LIST(name, bit)                                                            \
	{                                                                          \
#name, parse_list, FIELD(name), CONF_PROVIDER_FIELD_##bit, NULL, 0 \
	}
#define OAUTH(name)                                                                \
	{                                                                          \
#name, parse_text, FIELD(name), CONF_PROVIDER_FIELD_OAUTH, NULL, 0 \
	}

static const struct keyword keywords[] = {
    {"title", parse_text, FIELD(title), 0, NULL, 0},
    {"kind", parse_word, FIELD(kind), 0, kinds, 0},
    {"known", parse_word, FIELD(known), 0, knowns, 0},
    LIST(domains, DOMAINS),
    LIST(mx, MX),
    LIST(host, HOST),
    {"regions", parse_list, FIELD(regions), 0, NULL, 0},
    {"port", parse_port, FIELD(port), 0, NULL, 65535},
    LIST(auth, AUTH),
    {"user", parse_user, FIELD(user), CONF_PROVIDER_FIELD_USER, users, 0},
    {"password", parse_words, FIELD(password), CONF_PROVIDER_FIELD_PASSWORD, passwords, 0},
    OAUTH(oauth_auth),
    OAUTH(oauth_token),
    OAUTH(oauth_device),
    OAUTH(oauth_revoke),
    OAUTH(oauth_scope),
    OAUTH(oauth_client),
    OAUTH(oauth_page),
    {"size", parse_number, FIELD(size), CONF_PROVIDER_FIELD_SIZE, NULL, INT64_MAX},
    {"recipients", parse_number, FIELD(recipients), CONF_PROVIDER_FIELD_RECIPIENTS, NULL, 1000000},
    {"connections", parse_number, FIELD(connections), 0, NULL, 1000},
    TEXT(limits, LIMITS),
    {"sender", parse_word, FIELD(sender), CONF_PROVIDER_FIELD_SENDER, senders, 0},
    {"aliases", parse_list, FIELD(aliases), 0, NULL, 0},
    TEXT(app_page, APP_PAGE),
    TEXT(help_page, HELP_PAGE),
    TEXT(spf, SPF),
    LIST(dkim, DKIM),
    TEXT(note, NOTE),
};

enum { KEYWORDS = sizeof keywords / sizeof keywords[0] };

static const struct keyword *
find_keyword(struct slice name)
{
	for (size_t i = 0; i < KEYWORDS; i++) {
		if (str_is(name, keywords[i].name))
			return &keywords[i];
	}
	return NULL;
}

static int
unknown_keyword(struct slice name, struct err *e)
{
	struct suggest s = suggest_for(name);

	for (size_t i = 0; i < KEYWORDS; i++)
		suggest_offer(&s, keywords[i].name);
	if (s.best == NULL)
		return err_set(e, EX_CONFIG, "unknown keyword '%.*s'", STR_ARGS(name));
	return err_set(
	    e, EX_CONFIG, "unknown keyword '%.*s' (did you mean '%s'?)", STR_ARGS(name), s.best);
}

/* --- lines and rows --- */

/* Is the row above whole? */
static int
finish(const struct job *job, struct err *e)
{
	const struct conf_provider *p = job->row;

	if (p == NULL || (p->title[0] != '\0' && p->host[0] != NULL && p->port[0].number != 0))
		return 0;
	(void)err_set(e, EX_CONFIG, "the provider '%s' needs a title, a host and a port", p->name);
	return err_prefix(e, "%s:%u", job->lexer.file, job->lexer.line);
}

/* Opens the row NAME behind the rows that this file has brought, before all others. */
static int
open_row(struct job *job, struct slice name, struct err *e)
{
	struct conf_provider_more *more = job->more;
	struct conf_provider *grown;

	if (finish(job, e) != 0)
		return -1;
	if (name.len == 0 || str_find(name, ' ') < name.len)
		return err_set(e, EX_CONFIG, "a provider's name is one word");
	if (more->count == PROVIDERS_MAXIMUM)
		return err_set(e, EX_CONFIG, "more than %d providers", PROVIDERS_MAXIMUM);
	grown = array_grow(more->at, more->count, sizeof *grown);
	if (grown == NULL)
		return err_set(e, EX_TEMPFAIL, "out of memory");
	more->at = grown;
	memmove(
	    &grown[job->first + 1], &grown[job->first], (more->count - job->first) * sizeof *grown);
	more->count++;
	job->row = &grown[job->first++];
	*job->row = (struct conf_provider){.title = "",
	    .domains = none,
	    .mx = none,
	    .host = none,
	    .regions = none,
	    .port = no_port,
	    .auth = none,
	    .user_word = "",
	    .oauth_auth = "",
	    .oauth_token = "",
	    .oauth_device = "",
	    .oauth_revoke = "",
	    .oauth_scope = "",
	    .oauth_client = "",
	    .oauth_page = "",
	    .limits = "",
	    .aliases = none,
	    .app_page = "",
	    .help_page = "",
	    .spf = "",
	    .dkim = none,
	    .note = ""};
	job->row->name = keep_text(job, name, e);
	return job->row->name != NULL ? 0 : -1;
}

static int
read_line(struct job *job, const struct conf_line *line, struct err *e)
{
	struct slice name = line->keyword;
	const struct keyword *k;

	job->doubted = name.ptr[name.len - 1] == '?';
	if (job->doubted)
		name.len--;
	if (str_is(name, "provider"))
		return open_row(job, line->value, e);
	k = find_keyword(name);
	if (k == NULL)
		return unknown_keyword(name, e);
	if (job->row == NULL)
		return err_set(e, EX_CONFIG, "a line 'provider NAME' must stand above this");
	if (line->value.len == 0)
		return err_set(e, EX_CONFIG, "'%s' has no value", k->name);
	if (job->doubted)
		job->row->unverified |= k->doubt;
	return k->parse(job, k, (char *)job->row + k->offset, line->value, e);
}

int
conf_provider_file_parse(
    struct conf_provider_more *more, const char *file, struct slice text, struct err *e)
{
	struct job job = {.more = more, .lexer = conf_lexer_of(file, text)};
	struct conf_line line;
	int got;

	while ((got = conf_lexer_next(&job.lexer, &line, e)) > 0) {
		if (read_line(&job, &line, e) != 0)
			return conf_lexer_blame(&job.lexer, line.keyword.ptr, e);
	}
	return got == 0 ? finish(&job, e) : -1;
}

/* --- files --- */

/* The rows of the file NAME, if there is one. */
static int
read_file(struct conf_provider_more *more, const char *name, struct err *e)
{
	struct buf text = BUF_INIT(FILE_MAXIMUM);
	int fd = file_open_read(name, e), rc;

	if (fd < 0)
		return e->ex == EX_NOINPUT ? 0 : -1;
	rc = file_check_trusted(fd, name, e);
	if (rc == 0)
		rc = file_read_fd(fd, name, &text, e);
	(void)close(fd);
	if (rc == 0)
		rc = conf_provider_file_parse(more, name, buf_slice(&text), e);
	buf_free(&text);
	return rc;
}

int
conf_provider_file_load(struct conf_provider_more **out, struct err *e)
{
	struct conf_provider_more *more = calloc(1, sizeof *more);
	struct buf own = BUF_INIT(PATH_MAXIMUM);
	int rc;

	*out = NULL;
	if (more == NULL)
		return err_set(e, EX_TEMPFAIL, "out of memory");
	rc = read_file(more, SYSCONFDIR "/imbuca/providers", e);
	if (rc == 0 && path_xdg(&own, PATH_CONFIG, "imbuca/providers"))
		rc = read_file(more, buf_text(&own), e);
	buf_free(&own);
	if (rc != 0 || more->count == 0)
		conf_provider_file_free(more);
	else
		*out = more;
	if (rc != 0 && e->ex != EX_TEMPFAIL)
		e->ex = EX_CONFIG;
	return rc;
}

void
conf_provider_file_free(struct conf_provider_more *more)
{
	if (more == NULL)
		return;
	for (size_t i = 0; i < more->block_count; i++)
		free(more->blocks[i]);
	free(more->blocks);
	free(more->at);
	free(more);
}
