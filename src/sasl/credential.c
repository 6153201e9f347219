/*
 * credential: see credential.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/i18n.h"
#include "base/keyring.h"
#include "base/path.h"
#include "base/process.h"
#include "base/terminal.h"
#include "oauth/access.h"
#include "sasl/credential.h"
#include "sasl/netrc.h"

#include "base/banned.h"

enum { WAIT = 300 * 1000 }; /* milliseconds */

/* Appends the first line of TEXT. Returns whether there is anything in it. */
static int
take_line(struct slice text, struct buf *out)
{
	struct slice line = str_cut(&text, '\n');

	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	buf_add_slice(out, line);
	return line.len > 0;
}

static int
from_account(const struct sasl_credential *c, struct buf *out, struct err *e)
{
	if (c->password == NULL)
		return 0;
	if (strlen(c->password) > SASL_CREDENTIAL_PASSWORD_MAX)
		return err_set(e, EX_CONFIG, "the password has more than %d bytes",
		    SASL_CREDENTIAL_PASSWORD_MAX);
	buf_adds(out, c->password);
	return 1;
}

/* The accounts file is not to blame: a store that is locked may be open the next time. */
static int
fail_command(const struct sasl_credential *c, struct err *e)
{
	if (e->ex == EX_CONFIG)
		e->ex = EX_NOPERM;
	(void)err_failure(e, "command_failed");
	return err_hint(e, "run it by hand: %.200s", c->command);
}

static int
from_command(const struct sasl_credential *c, struct buf *out, struct err *e)
{
	struct buf printed = BUF_INIT(SASL_CREDENTIAL_MAX);
	struct process command = {.line = c->command};
	int rc;

	if (c->command == NULL)
		return 0;
	rc = process_run(&command, deadline_in(WAIT), &printed, e);
	if (rc != 0) {
		(void)err_prefix(e, "the command of passwordeval gave no password");
		rc = fail_command(c, e);
	} else if ((rc = take_line(buf_slice(&printed), out)) == 0) {
		(void)err_set(e, EX_NOPERM, "the command of passwordeval printed nothing%s%s",
		    command.said[0] != '\0' ? ": " : "", command.said);
		rc = fail_command(c, e);
	}
	buf_wipe(&printed);
	return rc;
}

/* A secret file that need not be there. */
static int
from_file(const char *name, struct buf *out, struct err *e)
{
	struct buf text = BUF_INIT(SASL_CREDENTIAL_MAX);
	int fd = file_open_read(name, e);
	int rc;

	if (fd < 0)
		return e->ex == EX_NOINPUT ? 0 : -1;
	rc = file_check_secret(fd, name, e);
	if (rc == 0)
		rc = file_read_fd(fd, name, &text, e);
	if (rc == 0)
		rc = take_line(buf_slice(&text), out);
	buf_wipe(&text);
	(void)close(fd);
	return rc;
}

static int
from_systemd(const struct sasl_credential *c, struct buf *out, struct err *e)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	struct buf name = BUF_INIT(PATH_MAXIMUM);
	int rc = 0;

	if (!c->for_account || c->account[0] == '\0' || strchr(c->account, '/') != NULL ||
	    folder == NULL || folder[0] != '/')
		return 0;
	buf_addf(&name, "%s/imbuca.%s", folder, c->account);
	if (!name.full)
		rc = from_file(buf_text(&name), out, e);
	buf_free(&name);
	return rc;
}

/* The attributes are msmtp's. */
static int
from_keyring(const struct sasl_credential *c, struct buf *out, struct err *e)
{
	const struct keyring_key key = {"smtp", c->host, c->user};
	struct buf secret = BUF_INIT(SASL_CREDENTIAL_MAX);
	struct err ignored; /* nobody has said that it is there */
	int rc = 0;

	(void)e;
	if (c->for_host && keyring_find(&key, &secret, &ignored) == 1)
		rc = take_line(buf_slice(&secret), out);
	buf_wipe(&secret);
	return rc;
}

static int
from_netrc(const struct sasl_credential *c, struct buf *out, struct err *e)
{
	struct buf name = BUF_INIT(PATH_MAXIMUM);
	int rc = 0;

	if (!c->for_host)
		return 0;
	if (path_home(&name)) {
		buf_adds(&name, "/.netrc");
		rc = sasl_netrc_find(buf_text(&name), c->host, c->user, out, e);
	}
	buf_free(&name);
	return rc != 0 ? rc : sasl_netrc_find(SYSCONFDIR "/netrc", c->host, c->user, out, e);
}

static int
from_token(const struct sasl_credential *c, struct buf *out, struct err *e)
{
	const struct slice none = {NULL, 0};

	if (!c->for_host || c->token == NULL)
		return 0;
	return oauth_access_get(c->token, none, out, c->unkept, e);
}

static int
from_terminal(const struct sasl_credential *c, struct buf *out, struct err *e)
{
	struct buf question = BUF_INIT(1024), user = BUF_INIT(512);
	int rc;

	buf_add_escaped(&user, str_slice(c->user));
	buf_addf(&question, _("imbuca: password of %s at %s: "), buf_text(&user), c->host);
	buf_free(&user);
	rc = terminal_ask_secret(buf_text(&question), deadline_in(WAIT), out, e);
	buf_free(&question);
	return rc;
}

int
sasl_credential_get(
    const struct sasl_credential *credential, struct buf *out, bool *is_token, struct err *e)
{
	/* In this order; each returns as this function. */
	static int (*const sources[])(
	    const struct sasl_credential *, struct buf *, struct err *) = {from_account,
	    from_command, from_systemd, from_token, from_keyring, from_netrc, from_terminal};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof sources / sizeof sources[0]; i++) {
		rc = sources[i](credential, out, e);
		*is_token = rc == 1 && sources[i] == from_token;
	}
	return rc;
}
