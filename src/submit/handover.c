/*
 * handover: see handover.h.
 */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/account_settle.h"
#include "net/connect.h"
#include "submit/handover.h"

#include "base/banned.h"

enum { ANSWER_WAIT = 2000 }; /* milliseconds */

const char *
submit_handover_socket(void)
{
	const char *said = getenv("IMBUCAD_SOCKET");

	return said != NULL && said[0] != '\0' ? said : RUNSTATEDIR "/imbuca/socket";
}

bool
submit_handover_answers(void)
{
	const struct net_connect_params params = {.socket = submit_handover_socket()};
	struct net_peer peer;
	struct err ignored;
	int fd = net_connect(&params, deadline_in(ANSWER_WAIT), &peer, &ignored);

	if (fd < 0)
		return false;
	(void)close(fd);
	return true;
}

int
submit_handover_allowed(struct err *e)
{
	if (access(submit_handover_socket(), W_OK) == 0 || errno != EACCES)
		return 0;
	(void)err_set(e, EX_NOPERM, "imbucad's socket '%s' does not let this user in",
	    submit_handover_socket());
	return err_hint(e, "ask the administrator for its group, or for another mode of it");
}

bool
submit_handover_is(const char *account)
{
	return strcmp(account, SUBMIT_HANDOVER_NAME) == 0;
}

struct conf_account *
submit_handover_account_at(const char *name, const char *socket, struct err *e)
{
	static const char *const values[][2] = {
	    {"host", "localhost"}, {"tls", "off"}, {"auth", "off"}, {"chunking", "on"}};
	struct conf_account *account = conf_account_new(str_slice(name));
	int rc = account != NULL ? 0 : err_set(e, EX_TEMPFAIL, "out of memory");

	for (size_t i = 0; rc == 0 && i < sizeof values / sizeof values[0]; i++)
		rc = conf_account_override(
		    account, values[i][0], str_slice(values[i][1]), "imbucad", e);
	if (rc == 0)
		rc = conf_account_override(
		    account, "socket", str_slice(socket), "IMBUCAD_SOCKET", e);
	if (rc == 0 && conf_account_settle(account, e) == 0)
		return account;
	conf_account_free(account);
	return NULL;
}

struct conf_account *
submit_handover_account(struct err *e)
{
	return submit_handover_account_at(SUBMIT_HANDOVER_NAME, submit_handover_socket(), e);
}
