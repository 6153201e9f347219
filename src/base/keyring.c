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

bool
keyring_find(const struct keyring_key *key, struct buf *out)
{
	const char *const argv[] = {"secret-tool", "lookup", "host", key->host, "service",
	    key->service, "user", key->user, NULL};
	struct process lookup = {.argv = argv};
	size_t before = out->len;
	struct err ignored;

	if (!keyring_is_there() || process_run(&lookup, deadline_in(WAIT), out, &ignored) != 0)
		return false;
	if (out->len > before && out->data[out->len - 1] == '\n')
		out->data[--out->len] = '\0';
	return out->len > before;
}

/* Runs secret-tool for something that must succeed. */
static int
run(const char *const argv[], struct slice input, struct err *e)
{
	struct process tool = {.argv = argv, .input = input};
	struct buf printed = BUF_INIT(4096);
	int rc = keyring_is_there() ? process_run(&tool, deadline_in(WAIT), &printed, e)
				    : err_set(e, EX_TEMPFAIL, "there is no session bus");

	buf_wipe(&printed);
	if (rc == 0)
		return 0;
	e->ex = EX_TEMPFAIL;
	return err_prefix(e, "the keyring (secret-tool)");
}

int
keyring_keep(const struct keyring_key *key, const char *label, struct slice secret, struct err *e)
{
	const char *const argv[] = {"secret-tool", "store", "--label", label, "host", key->host,
	    "service", key->service, "user", key->user, NULL};

	return run(argv, secret, e);
}

int
keyring_forget(const struct keyring_key *key, struct err *e)
{
	const char *const argv[] = {"secret-tool", "clear", "host", key->host, "service",
	    key->service, "user", key->user, NULL};

	return run(argv, (struct slice){NULL, 0}, e);
}
