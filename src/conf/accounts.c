/*
 * accounts: see accounts.h.
 */
#include <config.h>

#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/i18n.h"
#include "base/file.h"
#include "base/path.h"
#include "base/process.h"
#include "base/suggest.h"
#include "conf/accounts.h"
#include "conf/lexer.h"
#include "conf/location.h"
#include "conf/obsolete.h"
#include "conf/provider_file.h"

#include "base/banned.h"

enum {
	FILE_MAXIMUM = 1 << 20,
	INCLUDES_MAXIMUM = 64, /* files in all, so that a circle of includes ends */
	EVAL_MAXIMUM = 64 << 10,
	EVAL_SECONDS = 60,
	WARNINGS_MAXIMUM = 64 << 10,
};

struct conf_accounts {
	struct conf_account **at; /* in the order of the file */
	size_t count;
	char *files[INCLUDES_MAXIMUM]; /* the file and its includes */
	size_t file_count;
	struct buf warnings;
	struct conf_provider_more *providers; /* of files */
	struct conf_account *defaults;	      /* of the last `defaults`; no member of AT */
	struct conf_account *open; /* that the next lines are about; NULL before the first */
};

/* A file that is being read. */
struct source {
	struct conf_lexer lexer;
	bool printed; /* by the command of an `eval` */
	bool exposed; /* it may not hold a secret, WHY says the reason */
	struct err why;
};

static int
no_memory(struct err *e)
{
	return err_set(e, EX_TEMPFAIL, "out of memory");
}

/* --- the lines that are no keyword of an account --- */

/* A new account that begins with the defaults in force. */
static struct conf_account *
open_account(struct conf_accounts *set, const struct source *source, struct slice name)
{
	struct conf_account *account = conf_account_new(name);
	struct err ignored;

	if (account == NULL)
		return NULL;
	account->origin =
	    (struct conf_origin){CONF_ORIGIN_FILE, source->lexer.file, source->lexer.line};
	account->providers = set->providers;
	account->msmtp = conf_location_is_msmtp(set->files[0]);
	if (set->defaults == NULL || conf_account_inherit(account, set->defaults, &ignored) == 0)
		return account;
	conf_account_free(account);
	return NULL;
}

static int
read_defaults(struct conf_accounts *set, struct source *source, struct slice value, struct err *e)
{
	if (value.len > 0) {
		err_set(e, EX_CONFIG, "'defaults' stands alone on its line");
		return conf_lexer_blame(&source->lexer, value.ptr, e);
	}
	conf_account_free(set->defaults);
	set->defaults = NULL;
	set->open = set->defaults = open_account(set, source, str_slice("defaults"));
	return set->defaults != NULL ? 0 : no_memory(e);
}

/* Takes over the accounts that BASES, separated by commas, names. */
static int
inherit_all(struct conf_accounts *set, struct source *source, struct conf_account *account,
    struct slice bases, struct err *e)
{
	while (bases.ptr != NULL) {
		struct slice name = str_trim(str_cut(&bases, ','));
		const struct conf_account *base = conf_accounts_find(set, name);

		if (base == NULL) {
			(void)conf_accounts_unknown(set, name, e);
			err_hint(e, "a base stands above the account that is made of it");
			return conf_lexer_blame(&source->lexer, name.ptr, e);
		}
		if (conf_account_inherit(account, base, e) < 0)
			return -1;
	}
	return 0;
}

static int
add(struct conf_accounts *set, struct conf_account *account, struct err *e)
{
	struct conf_account **grown = array_grow(set->at, set->count, sizeof *grown);

	if (grown == NULL)
		return no_memory(e);
	set->at = grown;
	grown[set->count++] = account;
	return 0;
}

static int
read_account(struct conf_accounts *set, struct source *source, struct slice value, struct err *e)
{
	struct slice bases = value, name = str_trim(str_cut(&bases, ':'));
	const struct conf_account *earlier = conf_accounts_find(set, name);
	struct conf_account *account;

	if (name.len == 0) {
		err_set(e, EX_CONFIG, "an account needs a name");
		return conf_lexer_blame(&source->lexer, value.ptr, e);
	}
	if (earlier != NULL) {
		err_set(e, EX_CONFIG, "there is an account '%.*s' already, in line %u of '%s'",
		    STR_ARGS(name), earlier->origin.line, earlier->origin.name);
		return conf_lexer_blame(&source->lexer, name.ptr, e);
	}
	account = open_account(set, source, name);
	if (account == NULL)
		return no_memory(e);
	if (inherit_all(set, source, account, bases, e) < 0 || add(set, account, e) < 0) {
		conf_account_free(account);
		return -1;
	}
	set->open = account;
	return 0;
}

/* What a folder says is nothing. */
static int
check_kind(int fd, const char *name, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		return err_set(e, EX_CONFIG, "'%s' is a folder", name);
	return 0;
}

static int read_file(struct conf_accounts *set, int fd, const struct buf *name, struct err *e);

static int
read_include(struct conf_accounts *set, struct source *source, struct slice value, struct err *e)
{
	struct buf name = BUF_INIT(PATH_MAXIMUM);
	int fd = -1, result = -1;

	path_beside(&name, source->lexer.file, value);
	if (value.len == 0)
		err_set(e, EX_CONFIG, "'include' needs a file");
	else if (set->file_count == INCLUDES_MAXIMUM)
		err_set(e, EX_CONFIG, "more than %d files: do they include each other?",
		    INCLUDES_MAXIMUM);
	else
		fd = file_open_read(buf_text(&name), e);
	result = fd >= 0 ? check_kind(fd, buf_text(&name), e) : -1;
	if (result != 0) {
		if (e->ex != EX_TEMPFAIL)
			e->ex = EX_CONFIG;
		(void)conf_lexer_blame(&source->lexer, value.ptr, e);
	} else
		result = read_file(set, fd, &name, e);
	if (fd >= 0)
		(void)close(fd);
	buf_free(&name);
	return result;
}

static int read_line(
    struct conf_accounts *set, struct source *source, const struct conf_line *line, struct err *e);

/* The first line that the command prints counts as if it stood here. */
static int
read_eval(struct conf_accounts *set, struct source *source, struct slice command, struct err *e)
{
	struct buf text = BUF_INIT(PATH_MAXIMUM), output = BUF_INIT(EVAL_MAXIMUM);
	struct source printed = {.printed = true};
	struct conf_line line;
	struct slice rest;
	int result = -1;

	buf_add_slice(&text, command);
	if (command.len == 0)
		err_set(e, EX_CONFIG, "'eval' needs a command");
	else if (source->printed)
		err_set(e, EX_CONFIG, "the command of an 'eval' has printed another 'eval'");
	else if ((result = process_capture(
		      buf_text(&text), deadline_in(EVAL_SECONDS * INT64_C(1000)), &output, e)) != 0)
		(void)err_prefix(e, "the command of 'eval' failed");
	if (result < 0)
		(void)conf_lexer_blame(&source->lexer, command.ptr, e);
	rest = buf_slice(&output);
	printed.lexer = conf_lexer_of(source->lexer.file, str_cut(&rest, '\n'));
	printed.lexer.line = source->lexer.line - 1;
	if (result == 0 && (result = conf_lexer_next(&printed.lexer, &line, e)) > 0)
		result = read_line(set, &printed, &line, e);
	buf_free(&text);
	buf_wipe(&output);
	return result;
}

static const struct directive {
	const char *name;
	int (*read)(
	    struct conf_accounts *set, struct source *source, struct slice value, struct err *e);
} directives[] = {
    {"account", read_account},
    {"defaults", read_defaults},
    {"eval", read_eval},
    {"include", read_include},
};

enum { DIRECTIVES = sizeof directives / sizeof directives[0] };

/* --- all other lines --- */

static int
unknown_keyword(struct slice keyword, struct err *e)
{
	struct suggest s = suggest_for(keyword);
	const char *meant = conf_account_keyword_nearest(keyword);

	if (meant != NULL)
		suggest_offer(&s, meant);
	for (size_t i = 0; i < DIRECTIVES; i++)
		suggest_offer(&s, directives[i].name);
	return conf_lexer_unknown(keyword, s.best, e);
}

/* Notes that a keyword is obsolete, and what to write. */
static void
warn(struct conf_accounts *set, const struct source *source, struct slice keyword,
    const char *instead)
{
	buf_addf(&set->warnings, _("%s:%u: '%.*s' is obsolete: %s\n"), source->lexer.file,
	    source->lexer.line, STR_ARGS(keyword), instead);
}

static void
warn_of_name(struct conf_accounts *set, const struct source *source, struct slice keyword,
    struct slice now, struct slice value)
{
	struct buf instead = BUF_INIT(PATH_MAXIMUM);

	buf_addf(&instead, _("write '%.*s %.*s'"), STR_ARGS(now), STR_ARGS(value));
	warn(set, source, keyword, buf_text(&instead));
	buf_free(&instead);
}

static int
read_keyword(
    struct conf_accounts *set, struct source *source, const struct conf_line *line, struct err *e)
{
	const struct conf_origin origin = {
	    CONF_ORIGIN_FILE, source->lexer.file, source->lexer.line};
	struct slice keyword = line->keyword, value = line->value;
	const struct conf_account_keyword *row;

	if (conf_obsolete_translate(&keyword, &value))
		warn_of_name(set, source, line->keyword, keyword, value);
	row = conf_account_keyword_find(keyword);
	if (row == NULL) {
		unknown_keyword(line->keyword, e);
		return conf_lexer_blame(&source->lexer, line->keyword.ptr, e);
	}
	if (set->open == NULL) {
		err_set(e, EX_CONFIG, "'%s' belongs to no account", row->name);
		err_hint(e, "put a line 'account NAME', or 'defaults', above it");
		return conf_lexer_blame(&source->lexer, line->keyword.ptr, e);
	}
	if (row->instead != NULL)
		warn(set, source, keyword, i18n_text(row->instead));
	if (row->secret && value.len > 0 && source->exposed) {
		*e = source->why;
		return -1;
	}
	if (conf_account_set(set->open, row, value, &origin, e) < 0)
		return conf_lexer_blame(&source->lexer, line->value.ptr, e);
	return 0;
}

static int
read_line(
    struct conf_accounts *set, struct source *source, const struct conf_line *line, struct err *e)
{
	for (size_t i = 0; i < DIRECTIVES; i++) {
		if (str_is(line->keyword, directives[i].name))
			return directives[i].read(set, source, line->value, e);
	}
	return read_keyword(set, source, line, e);
}

static int
read_text(struct conf_accounts *set, struct source *source, struct err *e)
{
	struct conf_line line;
	int got;

	while ((got = conf_lexer_next(&source->lexer, &line, e)) > 0) {
		if (read_line(set, source, &line, e) < 0)
			return -1;
	}
	return got;
}

/* Reads the file that was opened as FD. The set keeps a copy of its NAME, for the origins. */
static int
read_file(struct conf_accounts *set, int fd, const struct buf *name, struct err *e)
{
	struct buf text = BUF_INIT(FILE_MAXIMUM);
	struct source source = {.exposed = false};
	char *file = strdup(buf_text(name));
	int result = -1;

	if (file == NULL)
		return no_memory(e);
	set->files[set->file_count++] = file;
	if (file_check_trusted(fd, file, e) == 0 && file_read_fd(fd, file, &text, e) == 0) {
		source.exposed = file_check_secret(fd, file, &source.why) < 0;
		source.lexer = conf_lexer_of(file, buf_slice(&text));
		result = read_text(set, &source, e);
	} else if (e->ex != EX_TEMPFAIL) {
		e->ex = EX_CONFIG;
	}
	buf_wipe(&text);
	return result;
}

/* --- the set --- */

int
conf_accounts_load(const char *file, struct conf_accounts **out, struct err *e)
{
	struct buf name = BUF_INIT(PATH_MAXIMUM);
	struct conf_accounts *set = calloc(1, sizeof *set);
	int fd = -1, result = -1;

	if (set == NULL) {
		(void)no_memory(e);
	} else {
		set->warnings = (struct buf)BUF_INIT(WARNINGS_MAXIMUM);
		fd = conf_location_open(file, &name, e);
	}
	if (fd >= 0) {
		result = conf_provider_file_load(&set->providers, e);
		if (result == 0)
			result = read_file(set, fd, &name, e);
		(void)close(fd);
	}
	buf_free(&name);
	if (result < 0) {
		conf_accounts_free(set);
		return -1;
	}
	*out = set;
	return 0;
}

void
conf_accounts_free(struct conf_accounts *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->count; i++)
		conf_account_free(set->at[i]);
	free(set->at);
	conf_account_free(set->defaults);
	conf_provider_file_free(set->providers);
	buf_free(&set->warnings);
	for (size_t i = 0; i < set->file_count; i++)
		free(set->files[i]);
	free(set);
}

const char *
conf_accounts_file(const struct conf_accounts *set)
{
	return set->files[0];
}

const char *
conf_accounts_warnings(struct conf_accounts *set)
{
	return buf_text(&set->warnings);
}

struct conf_account *
conf_accounts_at(const struct conf_accounts *set, size_t index)
{
	return index < set->count ? set->at[index] : NULL;
}

struct conf_account *
conf_accounts_find(const struct conf_accounts *set, struct slice name)
{
	for (size_t i = 0; i < set->count; i++) {
		if (str_is(name, set->at[i]->name))
			return set->at[i];
	}
	return NULL;
}

int
conf_accounts_unknown(const struct conf_accounts *set, struct slice name, struct err *e)
{
	struct suggest s = suggest_for(name);

	for (size_t i = 0; i < set->count; i++)
		suggest_offer(&s, set->at[i]->name);
	if (s.best == NULL)
		return err_set(e, EX_CONFIG, "unknown account '%.*s'", STR_ARGS(name));
	return err_set(
	    e, EX_CONFIG, "unknown account '%.*s' (did you mean '%s'?)", STR_ARGS(name), s.best);
}
