/*
 * queue_system: see queue_system.h.
 */
#include <config.h>

#include <unistd.h>

#include "app/queue_system.h"
#include "base/file.h"
#include "queue/parcel.h"
#include "smtp/xqueue.h"
#include "submit/handover.h"
#include "submit/session.h"

#include "base/banned.h"

enum { REQUEST_MAX = 64 };

/* Asks over a session of its own; what follows the reply goes to FD. */
static int
converse(const char *request, int fd, struct err *e)
{
	const struct net_transcript silent = {-1};
	struct conf_account *account = submit_handover_account(e);
	struct submit_session session = {
	    .account = account,
	    .transcript = &silent,
	    .unwanted = SMTP_EHLO_PIPELINING, /* nothing follows the greeting */
	};
	int rc = account != NULL ? submit_session_open(&session, e) : -1;

	if (rc == 0)
		rc = smtp_xqueue(&session.client, request, fd, e);
	if (account != NULL)
		submit_session_free(&session);
	conf_account_free(account);
	return rc;
}

static int
take_all(
    int fd, void (*each)(void *context, struct queue_entry *entry), void *context, struct err *e)
{
	struct queue_entry entry;
	off_t offset = 0;
	int rc;

	while ((rc = queue_parcel_take(fd, &offset, &entry, e)) == 1) {
		if (each != NULL)
			each(context, &entry);
		queue_entry_close(&entry);
	}
	return rc;
}

int
app_queue_system_ask(const char *request, void (*each)(void *context, struct queue_entry *entry),
    void *context, struct err *e)
{
	int fd, rc;

	if (!submit_handover_answers())
		return 0;
	fd = file_open_unnamed(NULL, e);
	if (fd == -1)
		return -1;
	rc = converse(request, fd, e);
	if (rc == 0)
		rc = take_all(fd, each, context, e);
	(void)close(fd);
	if (rc == 0)
		return 1;
	return e->ex == EX_NOINPUT || e->ex == EX_UNAVAILABLE ? 0 : -1;
}

int
app_queue_system_ask_of(const char *verb, const char *id,
    void (*each)(void *context, struct queue_entry *entry), void *context, struct err *e)
{
	struct buf request = BUF_INIT(REQUEST_MAX);
	int rc;

	if (!queue_id_is(str_slice(id)))
		return err_set(e, EX_USAGE, "'%s' is no name of a queued message", id);
	buf_addf(&request, "%s %s", verb, id);
	rc = app_queue_system_ask(buf_text(&request), each, context, e);
	buf_free(&request);
	return rc;
}

int
app_queue_system_order(const char *verb, const char *id, struct err *e)
{
	int rc = app_queue_system_ask_of(verb, id, NULL, NULL, e);

	if (rc == 0 && submit_handover_allowed(e) == -1)
		return -1;
	if (rc == 0)
		return err_set(e, EX_NOINPUT, "there is no message '%s' in the queue", id);
	return rc == 1 ? 0 : -1;
}
