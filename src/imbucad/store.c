/*
 * store: see store.h.
 */
#include <config.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "deliver/failure.h"
#include "imbucad/store.h"
#include "submit/handover.h"
#include "submit/outcome.h"
#include "submit/send.h"

#include "base/banned.h"

enum {
	CONNECTIONS = 16, /* that wait for the next message */
	BLOCK = 64 << 10,
	TIMEOUT = 120, /* seconds that the server may take for a step */
};

static const struct net_transcript silent = {.fd = -1};

struct imbucad_store {
	struct conf_account *account;
	pthread_mutex_t lock; /* of what follows */
	struct submit_session *idle[CONNECTIONS];
	size_t count;
};

bool
imbucad_store_is(const char *spec)
{
	return str_begins_nocase(str_slice(spec), "lmtp:");
}

/* HOST:PORT, or [ADDRESS]:PORT, which conf/daemon_keyword has seen to. */
static int
set_server(struct conf_account *account, struct slice place, struct err *e)
{
	struct slice host = place, port = place;

	while (port.len > 0 && port.ptr[port.len - 1] >= '0' && port.ptr[port.len - 1] <= '9')
		port.len--;
	host.len = port.len - 1;
	port = (struct slice){place.ptr + port.len, place.len - port.len};
	if (host.ptr[0] == '[')
		host = (struct slice){host.ptr + 1, host.len - 2};
	if (conf_account_override(account, "host", host, "mailbox", e) == -1)
		return -1;
	return conf_account_override(account, "port", port, "mailbox", e);
}

struct imbucad_store *
imbucad_store_new(const struct conf_daemon *conf, struct err *e)
{
	struct slice place = str_slice(conf->mailbox + sizeof "lmtp:" - 1);
	struct imbucad_store *s = calloc(1, sizeof *s);
	int status = 0;

	if (s == NULL || pthread_mutex_init(&s->lock, NULL) != 0) {
		free(s);
		(void)err_set(e, EX_TEMPFAIL, "no memory for a mailbox");
		return NULL;
	}
	s->account =
	    submit_handover_account_at("mailbox", place.ptr[0] == '/' ? place.ptr : "/", e);
	if (s->account == NULL)
		status = -1;
	else if (place.ptr[0] != '/')
		status = set_server(s->account, place, e);
	if (status == -1) {
		imbucad_store_free(s);
		return NULL;
	}
	if (place.ptr[0] != '/') {
		free(s->account->socket);
		s->account->socket = NULL;
	}
	s->account->protocol = CONF_ACCOUNT_PROTOCOL_LMTP;
	s->account->timeout = TIMEOUT;
	return s;
}

void
imbucad_store_free(struct imbucad_store *s)
{
	if (s == NULL)
		return;
	while (s->count > 0) {
		submit_session_free(s->idle[--s->count]);
		free(s->idle[s->count]);
	}
	conf_account_free(s->account);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}

/* --- connections --- */

/* One that waits, or a new one; NULL without memory. */
static struct submit_session *
take_session(struct imbucad_store *s)
{
	struct submit_session *session = NULL;

	(void)pthread_mutex_lock(&s->lock);
	if (s->count > 0)
		session = s->idle[--s->count];
	(void)pthread_mutex_unlock(&s->lock);
	if (session != NULL)
		return session;
	session = calloc(1, sizeof *session);
	if (session != NULL) {
		session->account = s->account;
		session->transcript = &silent;
	}
	return session;
}

static void
give_back(struct imbucad_store *s, struct submit_session *session)
{
	(void)pthread_mutex_lock(&s->lock);
	if (s->count < CONNECTIONS && submit_session_is_open(session)) {
		s->idle[s->count++] = session;
		session = NULL;
	}
	(void)pthread_mutex_unlock(&s->lock);
	if (session == NULL)
		return;
	submit_session_free(session);
	free(session);
}

/* --- a message --- */

/* A file of our own with TOP and the message: the descriptor's offset is shared with others. */
static int
make_file(const struct imbucad_store_item *item, struct err *e)
{
	int fd = file_open_unnamed(NULL, e), status;
	char block[BLOCK];
	off_t at = 0;
	ssize_t n;

	if (fd == -1)
		return -1;
	status = file_write(fd, "a message", item->top.ptr, item->top.len, e);
	while (status == 0 && (n = pread(item->message, block, sizeof block, at)) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			status = err_set_errno(e, EX_TEMPFAIL, errno, "cannot read the message");
		else
			status = file_write(fd, "a message", block, (size_t)n, e);
		at += n;
	}
	if (status == 0 && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

static int
make_envelope(const struct imbucad_store_item *item, struct mail_envelope *out, struct err *e)
{
	struct mail_address address;
	int status = mail_address_parse(
	    &address, str_slice(item->sender[0] != '\0' ? item->sender : "<>"), e);

	if (status == -1)
		return -1;
	status = mail_envelope_set_sender(out, &address, e);
	mail_address_free(&address);
	if (status == 0)
		status = mail_address_parse(&address, str_slice(item->recipient), e);
	if (status == -1)
		return -1;
	status = mail_envelope_add(out, &address, e) == 1 ? 0 : -1;
	mail_address_free(&address);
	return status;
}

/* What became of it, by what the server said, or as E says where it said nothing. */
static int
judge(const struct submit_send *send, int status, struct err *e)
{
	const struct smtp_transaction_fate *fates = send->transaction.fates;
	struct buf text = BUF_INIT(SMTP_REPLY_TEXT_MAX);

	if (status == 0 && submit_outcome_of(send, 0) == SUBMIT_OUTCOME_SENT)
		return 0;
	if (fates == NULL || fates[0].reply.code < 400)
		return deliver_failure_reply(e, 451, "4.4.0");
	smtp_reply_print(&fates[0].reply, &text);
	(void)err_set(e, EX_TEMPFAIL, "%s%s",
	    fates[0].reply.ours ? "" : "the mailbox's server says: ", buf_text(&text));
	buf_free(&text);
	return deliver_failure_reply(e, fates[0].reply.code,
	    fates[0].reply.enhanced[0] != '\0' ? fates[0].reply.enhanced
	    : fates[0].reply.code < 500	       ? "4.3.0"
					       : "5.3.0");
}

static int
send_message(struct imbucad_store *s, struct submit_send *send, struct err *e)
{
	struct submit_session *session = take_session(s);
	int status;

	if (session == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for a mailbox");
	status = submit_send_over(send, session, false, e);
	give_back(s, session);
	return status;
}

int
imbucad_store_deliver(struct imbucad_store *s, const struct imbucad_store_item *item, struct err *e)
{
	struct mail_envelope envelope = {.recipients = NULL};
	struct submit_send send = {.account = s->account, .transcript = &silent};
	struct mail_message *message = NULL;
	int fd = make_file(item, e), status = -1;

	if (fd != -1 && make_envelope(item, &envelope, e) == 0)
		message = mail_message_read(fd, NULL, e);
	if (message != NULL) {
		send.envelope = &envelope;
		send.message = message;
		status = send_message(s, &send, e);
	}
	status = judge(&send, status, e);
	submit_send_free(&send);
	mail_message_free(message);
	mail_envelope_free(&envelope);
	if (fd != -1)
		(void)close(fd);
	return status;
}
