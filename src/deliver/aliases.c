/*
 * aliases: see aliases.h. Here the file is read; aliases_expand.c works out what a name stands for.
 */
#include <config.h>

#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/file.h"
#include "deliver/aliases_inside.h"

#include "base/banned.h"

enum { FRESH = 1000 /* milliseconds */ };

static int
no_memory(struct err *e)
{
	return err_set(e, EX_TEMPFAIL, "no memory for the aliases");
}

int
deliver_aliases_blame(const char *file, struct slice text, const char *at, struct err *e)
{
	struct slice before = str_range(text.ptr, at);
	unsigned line = 1;

	if (e->ex == EX_TEMPFAIL)
		return -1;
	e->ex = EX_CONFIG;
	for (size_t end = str_find(before, '\n'); end < before.len; end = str_find(before, '\n')) {
		before = str_range(before.ptr + end + 1, at);
		line++;
	}
	return err_prefix(e, "%s:%u:%zu", file, line, before.len + 1);
}

int
deliver_aliases_check_bytes(struct slice text, const char **at, struct err *e)
{
	while (text.len > 0) {
		size_t i = str_find_control(text);

		if (i == text.len)
			break;
		*at = text.ptr + i;
		if (strchr("\t\r\n", **at) == NULL || **at == '\0')
			return err_set(e, EX_CONFIG, "a control byte (0x%02x) in a text file",
			    (unsigned)(unsigned char)**at);
		text = str_range(text.ptr + i + 1, text.ptr + text.len);
	}
	return 0;
}

/* --- reading --- */

/* The line of TEXT with its end. */
static size_t
line_length(struct slice text)
{
	size_t end = str_find(text, '\n');

	return end < text.len ? end + 1 : end;
}

/* Does a line that is no name's own begin here: a comment, an empty one, one that continues? */
static bool
is_further_line(struct slice text)
{
	return text.len == 0 || strchr(" \t\r\n#", text.ptr[0]) != NULL;
}

/* Takes the name at the beginning of *ENTRY, and its colon, off. */
static int
read_name(struct slice *entry, struct slice *name, struct err *e)
{
	struct slice line = {entry->ptr, line_length(*entry)};

	if (line.ptr[0] == '"') {
		line = (struct slice){line.ptr + 1, line.len - 1};
		*name = str_cut(&line, '"');
		if (line.ptr == NULL)
			return err_set(e, EX_CONFIG, "this quote is not closed");
		if (str_trim(str_cut(&line, ':')).len > 0)
			return err_set(e, EX_CONFIG, "a colon must follow the name");
	} else {
		*name = str_trim(str_cut(&line, ':'));
	}
	if (line.ptr == NULL || name->len == 0)
		return err_set(e, EX_CONFIG, "a line is 'name: address, address'");
	*entry = str_range(line.ptr, entry->ptr + entry->len);
	return 0;
}

static int
add_row(struct deliver_aliases *aliases, struct slice name, struct err *e)
{
	struct deliver_aliases_row *grown =
	    array_grow(aliases->rows, aliases->count, sizeof *grown);

	if (grown == NULL)
		return no_memory(e);
	aliases->rows = grown;
	grown[aliases->count] = (struct deliver_aliases_row){.name = strndup(name.ptr, name.len)};
	return grown[aliases->count++].name != NULL ? 0 : no_memory(e);
}

/* One name with all its lines, which begin at LINE. */
static int
read_entry(struct deliver_aliases *aliases, struct slice entry, unsigned line, const char **at,
    struct err *e)
{
	struct slice name;
	struct deliver_aliases_row *row;

	*at = entry.ptr;
	if (read_name(&entry, &name, e) == -1)
		return -1;
	if (deliver_aliases_find(aliases, name) != NULL)
		return err_set(e, EX_CONFIG, "'%.*s' has a line already", STR_ARGS(name));
	if (add_row(aliases, name, e) == -1)
		return -1;
	row = &aliases->rows[aliases->count - 1];
	row->line = line;
	if (deliver_target_parse_list(&row->targets, entry, false, at, e) == -1)
		return -1;
	return row->targets.count > 0 ? 0
				      : err_set(e, EX_CONFIG, "'%s' stands for nobody", row->name);
}

/* A line above which there is no name. */
static int
read_line(struct slice line, const char **at, struct err *e)
{
	*at = line.ptr;
	if (line.ptr[0] == '#' || str_trim(line).len == 0 || str_trim(line).ptr[0] == '#')
		return 0;
	return err_set(e, EX_CONFIG, "a line that begins with a blank continues the one above it");
}

/* Takes the first line of *TEXT off, with those that continue it if it begins an entry. */
static struct slice
cut_entry(struct slice *text)
{
	struct slice entry = {text->ptr, line_length(*text)};
	bool alone = is_further_line(*text);

	*text = str_range(text->ptr + entry.len, text->ptr + text->len);
	while (!alone && text->len > 0 && is_further_line(*text)) {
		size_t n = line_length(*text);

		entry.len += n;
		*text = (struct slice){text->ptr + n, text->len - n};
	}
	return entry;
}

static unsigned
count_lines(struct slice text)
{
	unsigned count = 0;

	while (text.len > 0) {
		size_t n = line_length(text);

		text = (struct slice){text.ptr + n, text.len - n};
		count++;
	}
	return count;
}

/* The name that ENTRY, in which something is wrong, seems to be about. */
static struct slice
guess_name(struct slice entry)
{
	struct slice name = {entry.ptr, 0};

	while (name.len < entry.len && strchr(": \t\r\n", entry.ptr[name.len]) == NULL)
		name.len++;
	return name.len > 1 && name.ptr[0] == '"' && name.ptr[name.len - 1] == '"'
		   ? (struct slice){name.ptr + 1, name.len - 2}
		   : name;
}

/* The name that ENTRY is about has the fault E from now on, also where it has a line already: who
 * knows which of the two is meant. */
static int
add_fault(
    struct deliver_aliases *aliases, struct slice entry, const struct err *fault, struct err *e)
{
	struct slice name = guess_name(entry);
	const struct deliver_aliases_row *known = deliver_aliases_find(aliases, name);
	size_t i = known != NULL ? (size_t)(known - aliases->rows) : aliases->count;

	aliases->is_whole = false;
	if (known == NULL && add_row(aliases, name, e) == -1)
		return -1;
	if (aliases->rows[i].fault != NULL)
		return 0;
	aliases->rows[i].fault = malloc(sizeof *fault);
	if (aliases->rows[i].fault == NULL)
		return no_memory(e);
	*aliases->rows[i].fault = *fault;
	return 0;
}

/* What E says of AT in ENTRY is told, and the reading goes on: 0; else it ends. */
static int
take_fault(struct deliver_aliases *aliases, const struct deliver_aliases_faults *faults,
    struct slice entry, struct err *e)
{
	struct err fault = *e;

	if (faults->tell == NULL || e->ex == EX_TEMPFAIL)
		return -1;
	faults->tell(faults->context, e);
	*e = (struct err)ERR_INIT;
	return add_fault(aliases, entry, &fault, e);
}

static int
read_text(struct deliver_aliases *aliases, struct slice text,
    const struct deliver_aliases_faults *faults, struct err *e)
{
	struct slice rest = text;
	const char *at = text.ptr;
	unsigned line = 1;

	if (deliver_aliases_check_bytes(text, &at, e) == -1)
		return deliver_aliases_blame(aliases->file, text, at, e);
	while (rest.len > 0) {
		bool alone = is_further_line(rest);
		struct slice entry = cut_entry(&rest);
		int status =
		    alone ? read_line(entry, &at, e) : read_entry(aliases, entry, line, &at, e);

		if (status == -1)
			(void)deliver_aliases_blame(aliases->file, text, at, e);
		if (status == -1 && take_fault(aliases, faults, entry, e) == -1)
			return -1;
		line += count_lines(entry);
	}
	return 0;
}

static int
read_file(
    struct deliver_aliases *aliases, const struct deliver_aliases_faults *faults, struct err *e)
{
	struct buf text = BUF_INIT(DELIVER_ALIASES_FILE_MAXIMUM);
	const char *file = aliases->file;
	int fd = file_open_read(file, e), status = -1;

	if (fd >= 0 && fstat(fd, &aliases->facts) == 0 && file_check_trusted(fd, file, e) == 0 &&
	    file_read_fd(fd, file, &text, e) == 0) {
		status = read_text(aliases, buf_slice(&text), faults, e);
	} else if (e->ex != EX_TEMPFAIL) {
		e->ex = EX_CONFIG;
	}
	if (fd >= 0)
		(void)close(fd);
	buf_free(&text);
	return status;
}

int
deliver_aliases_read(const char *file, const struct deliver_aliases_faults *faults,
    struct deliver_aliases **out, struct err *e)
{
	struct deliver_aliases *aliases = calloc(1, sizeof *aliases);

	if (aliases == NULL || (aliases->file = strdup(file)) == NULL) {
		free(aliases);
		return no_memory(e);
	}
	aliases->is_whole = true;
	if (read_file(aliases, faults, e) == -1) {
		deliver_aliases_free(aliases);
		return -1;
	}
	*out = aliases;
	return 0;
}

int
deliver_aliases_load(const char *file, struct deliver_aliases **out, struct err *e)
{
	static const struct deliver_aliases_faults none = {NULL, NULL};

	return deliver_aliases_read(file, &none, out, e);
}

/* Is the file as it was THEN still? */
static bool
is_unchanged(const struct stat *now, const struct stat *then)
{
	return now->st_ino == then->st_ino && now->st_dev == then->st_dev &&
	       now->st_size == then->st_size && now->st_mtim.tv_sec == then->st_mtim.tv_sec &&
	       now->st_mtim.tv_nsec == then->st_mtim.tv_nsec &&
	       now->st_ctim.tv_sec == then->st_ctim.tv_sec &&
	       now->st_ctim.tv_nsec == then->st_ctim.tv_nsec;
}

static void
replace(struct deliver_aliases **aliases, struct deliver_aliases *fresh)
{
	deliver_aliases_free(*aliases);
	*aliases = fresh;
}

int
deliver_aliases_renew(struct deliver_aliases **aliases, const char *file,
    void (*tell)(void *context, const struct err *e), void *context, struct err *e)
{
	const struct deliver_aliases_faults faults = {tell, context};
	struct deliver_aliases *fresh = NULL;
	struct stat now = {.st_ino = 0};
	bool is_there = stat(file, &now) == 0;

	if (!is_there && errno == ENOENT) {
		replace(aliases, NULL);
		return 0;
	}
	if (is_there && *aliases != NULL && is_unchanged(&now, &(*aliases)->facts))
		return 0;
	if (deliver_aliases_read(file, &faults, &fresh, e) == -1) {
		if (*aliases == NULL)
			return -1;
		tell(context, e);
		if (e->ex == EX_TEMPFAIL)
			now = (struct stat){.st_ino = 0};
		*e = (struct err)ERR_INIT;
	} else if (fresh->is_whole || *aliases == NULL || !(*aliases)->is_whole) {
		fresh->follows = *aliases != NULL;
		replace(aliases, fresh);
		return 0;
	}
	deliver_aliases_free(fresh);
	/* What it was when it was looked at, so that a change meanwhile is another one. */
	(*aliases)->facts = now;
	return 0;
}

bool
deliver_aliases_is_whole(const struct deliver_aliases *aliases)
{
	return aliases == NULL || aliases->is_whole;
}

bool
deliver_aliases_is_fresh(const struct deliver_aliases *aliases)
{
	struct timespec now;
	int64_t age;

	if (aliases == NULL || !aliases->follows || clock_gettime(CLOCK_REALTIME, &now) == -1)
		return false;
	age = (int64_t)(now.tv_sec - aliases->facts.st_mtim.tv_sec) * 1000 +
	      (now.tv_nsec - aliases->facts.st_mtim.tv_nsec) / 1000000;
	return age >= 0 && age < FRESH;
}

const struct deliver_target_list *
deliver_aliases_targets(const struct deliver_aliases *aliases, size_t index)
{
	return aliases != NULL && index < aliases->count ? &aliases->rows[index].targets : NULL;
}

void
deliver_aliases_free(struct deliver_aliases *aliases)
{
	if (aliases == NULL)
		return;
	for (size_t i = 0; i < aliases->count; i++) {
		free(aliases->rows[i].name);
		free(aliases->rows[i].fault);
		deliver_target_list_free(&aliases->rows[i].targets);
	}
	free(aliases->rows);
	free(aliases->file);
	free(aliases);
}

const struct deliver_aliases_row *
deliver_aliases_find(const struct deliver_aliases *aliases, struct slice name)
{
	for (size_t i = 0; aliases != NULL && i < aliases->count; i++) {
		if (str_is_nocase(name, aliases->rows[i].name))
			return &aliases->rows[i];
	}
	return NULL;
}
