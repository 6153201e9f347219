/*
 * aliases_expand: what a name stands for in the end: see aliases.h.
 */
#include <config.h>

#include <sys/stat.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "deliver/aliases_inside.h"

#include "base/banned.h"

enum {
	STEPS_MAXIMUM = 20000, /* names looked at for one address */
	DEPTH_MAXIMUM = 50,
	NAME_MAXIMUM = 300,
};

/* A name or an included file that is being worked out, and those above it. */
struct frame {
	const char *name;
	bool is_file;
	const struct frame *above;
	const char *owner; /* whom failures of its targets are reported to, or NULL */
	unsigned depth;
};

struct expansion {
	const struct deliver_aliases *aliases;
	const struct deliver_aliases_scope *scope;
	struct deliver_target_list *out;
	unsigned steps;
	unsigned targets; /* of its own in OUT, where another's may be too */
};

/* A frame of NAME below ABOVE, or the first. */
static struct frame
begin(const char *name, bool is_file, const struct frame *above)
{
	struct frame frame = {.name = name, .is_file = is_file, .above = above};

	if (above != NULL) {
		frame.owner = above->owner;
		frame.depth = above->depth + 1;
	}
	return frame;
}

static bool
is_open(const struct frame *frame, const char *name)
{
	for (; frame != NULL; frame = frame->above) {
		if (frame->name == name)
			return true;
	}
	return false;
}

static bool
is_within(const struct expansion *x, const struct mail_address *address)
{
	const char *const *domain = x->scope->domains;

	if (address->domain[0] == '\0')
		return true;
	while (domain != NULL && *domain != NULL &&
	       !str_is_nocase(str_slice(address->domain), *domain))
		domain++;
	return domain != NULL && *domain != NULL;
}

/* The row for LOCAL, else for what stands before its `+`, else for any name. */
static const struct deliver_aliases_row *
find(const struct expansion *x, const char *local)
{
	struct slice name = str_slice(local);
	const struct deliver_aliases_row *row = deliver_aliases_find(x->aliases, name);

	name.len = str_find(name, '+');
	if (row == NULL && name.len > 0)
		row = deliver_aliases_find(x->aliases, name);
	if (row == NULL && x->scope->has_default)
		row = deliver_aliases_find(x->aliases, str_slice("default"));
	return row;
}

/* Whom failures of ROW's targets are reported to: its owner, or who it was above it. */
static const char *
owner_of(const struct expansion *x, const struct deliver_aliases_row *row, const char *above)
{
	struct buf name = BUF_INIT(NAME_MAXIMUM);
	const struct deliver_aliases_row *owner;

	buf_addf(&name, "owner-%s", row->name);
	owner = deliver_aliases_find(x->aliases, buf_slice(&name));
	buf_free(&name);
	return owner != NULL ? owner->name : above;
}

static int
put(struct expansion *x, const struct deliver_target *target, const struct frame *frame,
    struct err *e)
{
	x->targets++;
	return deliver_target_add(x->out, target, frame != NULL ? frame->owner : NULL, e);
}

/* Puts TARGET, of which FAULT keeps us from knowing whom it stands for; the others are known. */
static int
put_faulty(struct expansion *x, const struct deliver_target *target, const struct err *fault,
    const struct frame *frame, struct err *e)
{
	struct deliver_target faulty = *target;
	struct err copy = *fault;

	faulty.fault = &copy;
	return put(x, &faulty, frame, e);
}

static int add(struct expansion *x, const struct deliver_target *target, const struct frame *frame,
    struct err *e);

static int
add_list(struct expansion *x, const struct deliver_target_list *list, const struct frame *frame,
    struct err *e)
{
	int status = 0;

	if (frame->depth > DEPTH_MAXIMUM)
		return err_set(e, EX_CONFIG, "'%s' stands for names that go too deep", frame->name);
	for (size_t i = 0; status >= 0 && i < list->count; i++)
		status = add(x, &list->at[i], frame, e);
	return status;
}

static int
add_address(struct expansion *x, const struct deliver_target *target, const struct frame *frame,
    struct err *e)
{
	const struct deliver_aliases_row *row =
	    is_within(x, &target->address) ? find(x, target->address.local) : NULL;
	struct deliver_target mailbox = *target;
	struct frame below;

	if (row == NULL)
		return put(x, target, frame, e);
	if (is_open(frame, row->name)) {
		mailbox.kind = DELIVER_TARGET_MAILBOX;
		return put(x, &mailbox, frame, e);
	}
	if (row->fault != NULL)
		return put_faulty(x, target, row->fault, frame, e) == -1 ? -1 : 1;
	below = begin(row->name, false, frame);
	below.owner = owner_of(x, row, below.owner);
	return add_list(x, &row->targets, &below, e) == -1 ? -1 : 1;
}

/* Reads the targets that FILE lists. */
static int
read_include(const char *file, struct deliver_target_list *out, struct err *e)
{
	struct buf text = BUF_INIT(DELIVER_ALIASES_FILE_MAXIMUM);
	int fd = file_open_read(file, e), status = -1;
	const char *at = NULL;
	struct stat st;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1)
		status = err_set_errno(e, EX_CONFIG, errno, "cannot look at '%s'", file);
	else if (!S_ISREG(st.st_mode))
		status = err_set(e, EX_CONFIG, "'%s' is not a regular file", file);
	else if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		status = err_set(e, EX_CONFIG, "'%s' can be written by other users", file);
	else
		status = file_read_fd(fd, file, &text, e);
	if (status == 0) {
		at = buf_text(&text);
		status = deliver_aliases_check_bytes(buf_slice(&text), &at, e);
		if (status == 0)
			status = deliver_target_parse_list(out, buf_slice(&text), true, &at, e);
		if (status == -1)
			(void)deliver_aliases_blame(file, buf_slice(&text), at, e);
	}
	(void)close(fd);
	buf_free(&text);
	return status;
}

/* Adds those whom FILE lists, or those before the first that is wrong. */
static int
add_file(struct expansion *x, const char *file, const struct frame *frame, struct err *e)
{
	struct deliver_target_list list = {NULL, 0};
	const struct frame below = begin(file, true, frame);
	int status = read_include(file, &list, e);

	for (size_t i = 0; status == 0 && i < list.count; i++) {
		if (list.at[i].kind == DELIVER_TARGET_FILE ||
		    list.at[i].kind == DELIVER_TARGET_COMMAND)
			status = err_set(e, EX_CONFIG,
			    "'%s' names a file or a command, and may list addresses alone", file);
	}
	if (status == 0)
		status = add_list(x, &list, &below, e);
	else if (e->ex != EX_TEMPFAIL)
		e->ex = EX_CONFIG;
	deliver_target_list_free(&list);
	return status;
}

/* A file that cannot be taken whole is nobody yet; within another, that one is not. */
static int
add_include(struct expansion *x, const struct deliver_target *target, const struct frame *frame,
    struct err *e)
{
	size_t count = x->out->count;
	unsigned targets = x->targets;
	struct err fault = ERR_INIT;

	if (add_file(x, target->text, frame, &fault) >= 0)
		return 0;
	if (frame != NULL && frame->is_file) {
		*e = fault;
		return -1;
	}
	deliver_target_list_cut(x->out, count);
	x->targets = targets;
	return put_faulty(x, target, &fault, frame, e);
}

/* 1 where a line was found for TARGET. */
static int
add(struct expansion *x, const struct deliver_target *target, const struct frame *frame,
    struct err *e)
{
	if (++x->steps > STEPS_MAXIMUM)
		return err_set(
		    e, EX_CONFIG, "this name stands for more than %d names", STEPS_MAXIMUM);
	if (target->kind == DELIVER_TARGET_ADDRESS)
		return add_address(x, target, frame, e);
	if (target->kind == DELIVER_TARGET_INCLUDE)
		return add_include(x, target, frame, e);
	return put(x, target, frame, e);
}

int
deliver_aliases_expand_target(const struct deliver_aliases *aliases,
    const struct deliver_aliases_scope *scope, const struct deliver_target *target,
    struct deliver_target_list *out, struct err *e)
{
	struct expansion x = {aliases, scope, out, 0, 0};
	int status = add(&x, target, NULL, e);

	if (status >= 0 && x.targets == 0)
		return err_set(e, EX_CONFIG, "'%s' stands for nobody",
		    target->text != NULL ? target->text : target->address.local);
	return status;
}

int
deliver_aliases_expand(const struct deliver_aliases *aliases,
    const struct deliver_aliases_scope *scope, const struct mail_address *address,
    struct deliver_target_list *out, struct err *e)
{
	const struct deliver_target target = {.kind = DELIVER_TARGET_ADDRESS, .address = *address};

	return deliver_aliases_expand_target(aliases, scope, &target, out, e);
}

int
deliver_aliases_expand_place(const struct deliver_aliases *aliases,
    const struct deliver_aliases_scope *scope, const struct mail_address *address, struct err *e)
{
	const struct expansion x = {aliases, scope, NULL, 0, 0};
	const struct deliver_aliases_row *row =
	    is_within(&x, address) ? find(&x, address->local) : NULL;

	return row != NULL ? err_prefix(e, "%s:%u", aliases->file, row->line) : -1;
}
