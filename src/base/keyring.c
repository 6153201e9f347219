/*
 * keyring: see keyring.h.
 */
#include <config.h>

#include <stdlib.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/keyring.h"
#include "base/path.h"
#include "base/process.h"

#include "base/banned.h"

enum { WAIT = 300 * 1000 }; /* milliseconds */

/* Without a session bus the start of secret-tool is only lost time. */
bool
keyring_is_there(void)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");
	struct buf name = BUF_INIT(PATH_MAXIMUM);
	bool found = getenv("DBUS_SESSION_BUS_ADDRESS") != NULL;

	if (!found && folder != NULL) {
		buf_addf(&name, "%s/bus", folder);
		found = access(buf_text(&name), F_OK) == 0;
		buf_free(&name);
	}
	return found;
}

/* Why TOOL, which failed as E says, could not be asked. */
static int
fail(const struct process *tool, struct err *e)
{
	enum { NO_PROGRAM = 127 };

	e->ex = EX_TEMPFAIL;
	if (tool->status == NO_PROGRAM) {
		(void)err_set(e, EX_TEMPFAIL, "it cannot be run");
		(void)err_hint(e, "install secret-tool (libsecret-tools), or take token_store out "
				  "of the account");
	}
	return err_prefix(e, "the keyring (secret-tool)");
}

/* Runs TOOL, whose input and arguments are set. */
static int
run(struct process *tool, struct buf *out, struct err *e)
{
	tool->status = -1;
	if (keyring_is_there())
		return process_run(tool, deadline_in(WAIT), out, e);
	(void)err_set(e, EX_TEMPFAIL, "there is no session bus");
	return err_hint(e,
	    "it is open where you are logged in with a screen; elsewhere, as from cron, tokens are "
	    "better kept in a file: take token_store out of the account, and log in anew");
}

int
keyring_find(const struct keyring_key *key, struct buf *out, struct err *e)
{
	const char *const argv[] = {"secret-tool", "lookup", "host", key->host, "service",
	    key->service, "user", key->user, NULL};
	enum { NOT_FOUND = 1 };
	struct process tool = {.argv = argv};
	size_t before = out->len;

	if (run(&tool, out, e) != 0)
		return tool.status == NOT_FOUND && tool.said[0] == '\0' ? 0 : fail(&tool, e);
	if (out->len > before && out->data[out->len - 1] == '\n')
		out->data[--out->len] = '\0';
	return out->len > before;
}

/* Runs secret-tool for something that must succeed. */
static int
change(const char *const argv[], struct slice input, struct err *e)
{
	struct process tool = {.argv = argv, .input = input};
	struct buf printed = BUF_INIT(4096);
	int rc = run(&tool, &printed, e);

	buf_wipe(&printed);
	return rc == 0 ? 0 : fail(&tool, e);
}

int
keyring_keep(const struct keyring_key *key, const char *label, struct slice secret, struct err *e)
{
	const char *const argv[] = {"secret-tool", "store", "--label", label, "host", key->host,
	    "service", key->service, "user", key->user, NULL};

	return change(argv, secret, e);
}

int
keyring_forget(const struct keyring_key *key, struct err *e)
{
	const char *const argv[] = {"secret-tool", "clear", "host", key->host, "service",
	    key->service, "user", key->user, NULL};

	return change(argv, (struct slice){NULL, 0}, e);
}
