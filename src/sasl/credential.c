/*
 * credential: see credential.h.
 */
#include <config.h>

#include "base/process.h"
#include "sasl/credential.h"

#include "base/banned.h"

enum { COMMAND_WAIT = 300 * 1000 };

static int
run_command(const char *command, struct buf *out, struct err *e)
{
	struct buf printed = BUF_INIT(SASL_CREDENTIAL_MAX);
	struct slice rest, line;
	int rc = process_capture(command, deadline_in(COMMAND_WAIT), &printed, e);

	if (rc != 0) {
		(void)err_prefix(e, "the command of passwordeval gave no password");
		(void)err_hint(e, "run it by hand: %.200s", command);
	} else {
		rest = buf_slice(&printed);
		line = str_cut(&rest, '\n');
		if (line.len > 0 && line.ptr[line.len - 1] == '\r')
			line.len--;
		if (line.len == 0)
			rc = err_set(e, EX_CONFIG, "the command of passwordeval printed nothing");
		buf_add_slice(out, line);
	}
	buf_wipe(&printed);
	return rc;
}

int
sasl_credential_get(const struct sasl_credential *credential, struct buf *out, struct err *e)
{
	if (credential->password != NULL) {
		buf_adds(out, credential->password);
		return 0;
	}
	if (credential->command != NULL)
		return run_command(credential->command, out, e);
	(void)err_set(e, EX_CONFIG, "the account has no password");
	return err_hint(e, "give it one with passwordeval or password in the accounts file");
}
