/*
 * users: see users.h.
 */
#include <config.h>

#include <errno.h>
#include <unistd.h>

#include "base/file.h"
#include "sasl/users.h"

#include "base/banned.h"

enum { FILE_MAXIMUM = 4 * 1024 * 1024, NAME_MAXIMUM = 255 };

/* Reads FILE whole into OUT, if nobody else can. */
static int
load(const char *file, struct buf *out, struct err *e)
{
	int status = -1;
	int fd = file_open_read(file, e);

	if (fd == -1)
		return -1;
	if (file_check_secret(fd, file, e) == 0)
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

int
sasl_users_find(const char *file, struct slice name, struct sasl_user *out, struct err *e)
{
	struct buf text = BUF_INIT(FILE_MAXIMUM);
	char first[SASL_HASH_SIZE] = "", hash[SASL_HASH_SIZE];
	struct slice rest, user, value;
	int status = load(file, &text, e);

	rest = buf_slice(&text);
	while (status == 0 && next_user(&rest, &user, &value)) {
		if (first[0] == '\0' &&
		    sasl_hash_parse(str_cut(&(struct slice){value.ptr, value.len}, ':'), hash))
			(void)str_copy(first, sizeof first, str_slice(hash));
		if (!str_equal(user, name))
			continue;
		status = 1;
		if (!read_user(value, out))
			status = err_set(e, EX_CONFIG,
			    "%s: the line of '%.*s' holds neither a verifier nor a hash", file,
			    STR_ARGS(name));
	}
	if (status == 0)
		(void)str_copy(out->hash, sizeof out->hash, str_slice(first));
	buf_wipe(&text);
	return status;
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

int
sasl_users_set(const char *file, struct slice name, struct slice password, struct err *e)
{
	struct buf before = BUF_INIT(FILE_MAXIMUM), after = BUF_INIT(FILE_MAXIMUM);
	struct sasl_verifier verifier;
	int status = -1;

	if (!is_name(name))
		return err_set(e, EX_DATAERR, "'%.*s' is no name for a user", STR_ARGS(name));
	if (sasl_verifier_make(password, &verifier, e) == -1)
		return -1;
	if (access(file, F_OK) == 0 || errno != ENOENT) {
		if (load(file, &before, e) == -1)
			goto out;
	}
	copy_others(&after, buf_slice(&before), name);
	buf_add_slice(&after, name);
	buf_addc(&after, ':');
	sasl_verifier_write(&after, &verifier);
	buf_addc(&after, '\n');
	status = after.full ? err_set(e, EX_DATAERR, "%s: too many users", file)
			    : file_replace(file, 0600, buf_slice(&after), e);
out:
	buf_wipe(&before);
	buf_wipe(&after);
	return status;
}
