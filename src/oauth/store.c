/*
 * store: see store.h.
 */
#include <config.h>

#include <sys/file.h>
#include <sys/stat.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/keyring.h"
#include "base/path.h"
#include "oauth/store.h"

#include "base/banned.h"

enum {
	LOCK_WAIT = 60 * 1000, /* milliseconds; longer than a request takes */
	GLANCE = 50,
};

static struct keyring_key
key_of(const struct oauth_client *c)
{
	return (struct keyring_key){"imbuca-oauth", c->host, c->user};
}

/* The folder of systemd's for the service that this is; without a value: it is none. */
static struct slice
service_folder(void)
{
	const char *service = getenv("STATE_DIRECTORY");

	if (service == NULL || service[0] != '/' || getenv("XDG_STATE_HOME") != NULL)
		return (struct slice){NULL, 0};
	return (struct slice){service, strcspn(service, ":")};
}

/* Appends the folder. False where there is no home to put it in. */
static bool
add_folder(struct buf *out)
{
	struct slice service = service_folder();

	if (service.ptr == NULL)
		return path_xdg(out, PATH_STATE, "imbuca/tokens");
	buf_add_slice(out, service);
	buf_adds(out, "/tokens");
	return true;
}

int
oauth_store_enter(struct err *e)
{
	struct buf folder = BUF_INIT(PATH_MAXIMUM);
	struct stat st;
	int rc = 0;

	if (geteuid() == 0 && getenv("STATE_DIRECTORY") != NULL && add_folder(&folder) &&
	    lstat(buf_text(&folder), &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid != 0 &&
	    (setgroups(0, NULL) != 0 || setresgid(st.st_gid, st.st_gid, st.st_gid) != 0 ||
		setresuid(st.st_uid, st.st_uid, st.st_uid) != 0))
		rc = err_set_errno(
		    e, EX_OSERR, errno, "cannot become the user whose '%s' is", buf_text(&folder));
	buf_free(&folder);
	return rc;
}

/* Appends TEXT as part of a file's name: what could mean something there becomes %XX. */
static void
add_word(struct buf *out, const char *text)
{
	for (const char *at = text; *at != '\0'; at++) {
		unsigned char c = (unsigned char)*at;

		if (isalnum(c) || c >= 0x80 || strchr("@-_+", c) != NULL || (c == '.' && at > text))
			buf_addc(out, *at);
		else
			buf_addf(out, "%%%02X", (unsigned)c);
	}
}

/* Appends the file's name, with ENDING. */
static int
add_name(const struct oauth_client *c, const char *ending, struct buf *out, struct err *e)
{
	if (!add_folder(out))
		return err_set(e, EX_CONFIG, "there is no home, in which tokens would be kept");
	buf_addc(out, '/');
	add_word(out, c->user);
	buf_addc(out, ',');
	add_word(out, c->host);
	buf_adds(out, ending);
	return out->full ? err_set(e, EX_CONFIG, "the name of the token's file is too long") : 0;
}

void
oauth_store_name(const struct oauth_client *c, struct buf *out)
{
	struct err ignored;

	if (c->keyring)
		buf_adds(out, _("the keyring"));
	else
		(void)add_name(c, "", out, &ignored);
}

void
oauth_store_command(const struct oauth_client *c, struct buf *out)
{
	struct slice service = service_folder();

	if (service.ptr != NULL && !c->keyring)
		buf_addf(out, "STATE_DIRECTORY=%.*s ", STR_ARGS(service));
	buf_addf(out, "imbuca login %s", c->account);
}

int64_t
oauth_store_time(const struct oauth_client *c)
{
	struct buf name = BUF_INIT(PATH_MAXIMUM);
	struct stat st;
	struct err ignored;
	bool found =
	    !c->keyring && add_name(c, "", &name, &ignored) == 0 && stat(buf_text(&name), &st) == 0;

	buf_free(&name);
	return found ? (int64_t)st.st_mtime : 0;
}

static int
read_file(const char *name, struct buf *out, struct err *e)
{
	int fd = file_open_read(name, e), rc;

	if (fd < 0)
		return e->ex == EX_NOINPUT ? 0 : -1;
	rc = file_check_secret(fd, name, e);
	if (rc == 0)
		rc = file_read_fd(fd, name, out, e);
	(void)close(fd);
	return rc == 0 ? 1 : -1;
}

/* Appends the text that is kept. 1, 0 where there is none, -1. */
static int
read_text(const struct oauth_client *c, struct buf *out, struct err *e)
{
	struct buf name = BUF_INIT(PATH_MAXIMUM);
	const struct keyring_key key = key_of(c);
	int rc;

	if (c->keyring)
		return keyring_find(&key, out, e);
	rc = add_name(c, "", &name, e);
	if (rc == 0)
		rc = read_file(buf_text(&name), out, e);
	buf_free(&name);
	return rc;
}

int
oauth_store_load(const struct oauth_client *c, struct oauth_token *t, struct err *e)
{
	struct buf text = BUF_INIT(OAUTH_TOKEN_MAXIMUM), name = BUF_INIT(PATH_MAXIMUM);
	int rc = read_text(c, &text, e);

	if (rc == 1 && oauth_token_of_text(t, buf_slice(&text), e) != 0) {
		oauth_store_name(c, &name);
		(void)err_prefix(e, "%s", buf_text(&name));
		buf_reset(&name);
		oauth_store_command(c, &name);
		rc = err_hint(e, "get another one: %s", buf_text(&name));
	}
	buf_wipe(&text);
	buf_free(&name);
	return rc;
}

static int
write_file(const struct oauth_client *c, struct slice text, struct err *e)
{
	struct buf name = BUF_INIT(PATH_MAXIMUM);
	int rc = add_name(c, "", &name, e);

	if (rc == 0)
		rc = file_replace(buf_text(&name), 0600, text, e);
	buf_free(&name);
	return rc;
}

static int
write_keyring(const struct oauth_client *c, struct slice text, struct err *e)
{
	const struct keyring_key key = key_of(c);
	struct buf label = BUF_INIT(1024);
	int rc;

	buf_addf(&label, "imbuca: token of %s at %s", c->user, c->host);
	rc = keyring_keep(&key, buf_text(&label), text, e);
	buf_free(&label);
	return rc;
}

int
oauth_store_save(const struct oauth_client *c, const struct oauth_token *t, struct err *e)
{
	return (c->keyring ? write_keyring : write_file)(c, buf_slice(&t->text), e);
}

static int
remove_file(const struct oauth_client *c, struct err *e)
{
	struct buf name = BUF_INIT(PATH_MAXIMUM);
	int rc = add_name(c, "", &name, e);

	if (rc == 0 && unlink(buf_text(&name)) == 0)
		rc = 1;
	else if (rc == 0 && errno != ENOENT)
		rc = err_set_errno(e, EX_CANTCREAT, errno, "cannot remove '%s'", buf_text(&name));
	buf_free(&name);
	return rc;
}

int
oauth_store_remove(const struct oauth_client *c, struct err *e)
{
	struct buf text = BUF_INIT(OAUTH_TOKEN_MAXIMUM);
	const struct keyring_key key = key_of(c);
	int found;

	if (!c->keyring)
		return remove_file(c, e);
	found = keyring_find(&key, &text, e);
	buf_wipe(&text);
	return found == 1 && keyring_forget(&key, e) != 0 ? -1 : found;
}

/* Waits for the lock on FD. */
static int
wait_for(int fd, const char *name, struct err *e)
{
	struct deadline within = deadline_in(LOCK_WAIT);

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_set_errno(e, EX_TEMPFAIL, errno, "cannot lock '%s'", name);
		if (deadline_over(within))
			return err_set(
			    e, EX_TEMPFAIL, "another process does not let go of '%s'", name);
		deadline_nap(GLANCE);
	}
	return 0;
}

int
oauth_store_lock(const struct oauth_client *c, struct err *e)
{
	struct buf folder = BUF_INIT(PATH_MAXIMUM), name = BUF_INIT(PATH_MAXIMUM);
	int fd = -1, rc = add_name(c, ".lock", &name, e);

	if (rc == 0 && add_folder(&folder))
		rc = file_make_folders(buf_text(&folder), 0700, e);
	if (rc == 0 && (fd = open(buf_text(&name), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) < 0)
		rc = err_set_errno(e, err_exit_of_errno(errno, EX_CANTCREAT), errno,
		    "cannot open '%s'", buf_text(&name));
	if (rc == 0)
		rc = wait_for(fd, buf_text(&name), e);
	if (rc != 0 && fd >= 0)
		(void)close(fd);
	buf_free(&folder);
	buf_free(&name);
	return rc == 0 ? fd : -1;
}
