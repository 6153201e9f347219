/*
 * users: see users.h.
 */
#include <config.h>

#include <sys/stat.h>

#include <errno.h>
#include <unistd.h>

#include "base/file.h"
#include "sasl/users.h"

#include "base/banned.h"

enum { FILE_MAXIMUM = 4 * 1024 * 1024, NAME_MAXIMUM = 255 };

/* Reads FILE whole into OUT, if nobody else but the user UID can. */
static int
load(const char *file, uid_t uid, struct buf *out, struct err *e)
{
	int status = -1;
	int fd = file_open_read(file, e);

	if (fd == -1)
		return -1;
	if (file_check_secret_of(fd, file, uid, e) == 0)
		status = file_read_fd(fd, file, out, e);
	(void)close(fd);
	return status;
}

/* The next user's line of *REST into *NAME and *VALUE; false at the end. */
static bool
next_user(struct slice *rest, struct slice *name, struct slice *value)
{
	while (rest->ptr != NULL) {
		*value = str_trim(str_cut(rest, '\n'));
		if (value->len == 0 || value->ptr[0] == '#')
			continue;
		*name = str_cut(value, ':');
		return true;
	}
	return false;
}

/* What VALUE, a user's, is. */
static bool
read_user(struct slice value, struct sasl_user *out)
{
	out->hash[0] = '\0';
	value = str_cut(&value, ':');
	return sasl_verifier_parse(value, &out->verifier) || sasl_hash_parse(value, out->hash);
}

/* NAME is what the line of TEXT begins with that is neither. */
static int
bad_line(const char *file, struct slice text, struct slice name, struct err *e)
{
	size_t line = 1;

	for (const char *c = text.ptr; c < name.ptr; c++)
		line += *c == '\n' ? 1 : 0;
	return err_set(e, EX_CONFIG,
	    "%s:%zu: the line of '%.*s' holds neither a verifier nor a hash", file, line,
	    STR_ARGS(name));
}

int
sasl_users_find(const char *file, struct slice name, struct sasl_user *out, struct err *e)
{
	struct buf text = BUF_INIT(FILE_MAXIMUM);
	char first[SASL_HASH_SIZE] = "", hash[SASL_HASH_SIZE];
	struct slice rest, user, value;
	int status = load(file, geteuid(), &text, e);

	rest = buf_slice(&text);
	while (status == 0 && next_user(&rest, &user, &value)) {
		if (first[0] == '\0' &&
		    sasl_hash_parse(str_cut(&(struct slice){value.ptr, value.len}, ':'), hash))
			(void)str_copy(first, sizeof first, str_slice(hash));
		if (!str_equal(user, name))
			continue;
		status = 1;
		if (!read_user(value, out))
			status = bad_line(file, buf_slice(&text), user, e);
	}
	if (status == 0)
		(void)str_copy(out->hash, sizeof out->hash, str_slice(first));
	buf_wipe(&text);
	return status;
}

void
sasl_users_check(const char *file, uid_t uid, void (*each)(void *context, const struct err *fault),
    void *context)
{
	struct buf text = BUF_INIT(FILE_MAXIMUM);
	struct slice rest, name, value;
	struct sasl_user user;
	struct err fault = ERR_INIT;

	if (load(file, uid, &text, &fault) == -1)
		each(context, &fault);
	rest = buf_slice(&text);
	while (fault.ex == 0 && next_user(&rest, &name, &value)) {
		if (name.len > 0 && read_user(value, &user))
			continue;
		(void)bad_line(file, buf_slice(&text), name, &fault);
		each(context, &fault);
		fault = (struct err)ERR_INIT;
	}
	buf_wipe(&text);
}

bool
sasl_users_have_hashes(const char *file)
{
	struct sasl_user nobody;
	struct err ignored;

	/* No user has an empty name: so it is nobody, with the first hash that there is. */
	return sasl_users_find(file, str_slice(""), &nobody, &ignored) == 0 &&
	       nobody.hash[0] != '\0';
}

static bool
is_name(struct slice name)
{
	return name.len > 0 && name.len <= NAME_MAXIMUM && name.ptr[0] != '#' &&
	       str_find(name, ':') == name.len && str_find_control(name) == name.len &&
	       str_is_utf8(name) && str_trim(name).len == name.len;
}

/* Appends to OUT all lines of TEXT, comments too, but the one of NAME. */
static void
copy_others(struct buf *out, struct slice text, struct slice name)
{
	while (text.len > 0) {
		struct slice line = str_cut(&text, '\n'), value = line;

		if (str_equal(str_cut(&value, ':'), name))
			continue;
		buf_add_slice(out, line);
		buf_addc(out, '\n');
	}
}

/* Whose FILE is to be. */
static struct file_owner
choose_owner(const char *file, uid_t uid, gid_t gid)
{
	struct stat st;
	bool exists = stat(file, &st) == 0;

	if (geteuid() != 0 || uid == 0)
		return (struct file_owner){(uid_t)-1, (gid_t)-1, 0600};
	if (exists && (st.st_uid == uid || (st.st_mode & S_IRGRP) != 0))
		return (struct file_owner){st.st_uid, st.st_gid, st.st_mode & 0777};
	return (struct file_owner){0, gid, 0640};
}

int
sasl_users_set(const char *file, struct slice name, struct slice password, struct err *e)
{
	return sasl_users_set_for(file, geteuid(), getegid(), name, password, e);
}

int
sasl_users_set_for(
    const char *file, uid_t uid, gid_t gid, struct slice name, struct slice password, struct err *e)
{
	const struct file_owner owner = choose_owner(file, uid, gid);
	struct buf before = BUF_INIT(FILE_MAXIMUM), after = BUF_INIT(FILE_MAXIMUM);
	struct sasl_verifier verifier;
	int status = -1;

	if (!is_name(name))
		return err_set(e, EX_DATAERR, "'%.*s' is no name for a user", STR_ARGS(name));
	if (sasl_verifier_make(password, &verifier, e) == -1)
		return -1;
	if (access(file, F_OK) == 0 || errno != ENOENT) {
		if (load(file, uid, &before, e) == -1)
			goto out;
	}
	copy_others(&after, buf_slice(&before), name);
	buf_add_slice(&after, name);
	buf_addc(&after, ':');
	sasl_verifier_write(&after, &verifier);
	buf_addc(&after, '\n');
	status = after.full ? err_set(e, EX_DATAERR, "%s: too many users", file)
			    : file_replace_owned(file, &owner, buf_slice(&after), e);
out:
	buf_wipe(&before);
	buf_wipe(&after);
	return status;
}
