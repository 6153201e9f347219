/*
 * session: a connection to an account's server, up to the login, over which messages go one after
 * the other: as the account says and in no other way.
 */
#ifndef SUBMIT_SESSION_H
#define SUBMIT_SESSION_H

#include "conf/account.h"
#include "mail/message.h"
#include "net/connect.h"
#include "net/transcript.h"
#include "smtp/transaction.h"
#include "submit/login.h"
#include "submit/reach.h"

/*
 * The caller sets the first two, zeroes the rest, does not move it, and calls submit_session_free
 * in the end.
 */
struct submit_session {
	const struct conf_account *account; /* settled */
	const struct net_transcript *transcript;

	struct net_peer peer; /* of the last connection; address "" where there was none */
	char tls[32];	      /* "TLS1.3"; "" in plain text */

	/* The account's values in the form that the layers below take; made at the first need. */
	bool prepared;
	char name[NET_NAME_SIZE]; /* ours */
	struct submit_login login;
	struct submit_reach reach;

	struct net_stream *stream; /* NULL: there is no connection */
	struct smtp_client client;
	bool reached;			   /* the last connection got as far as a message */
	struct mail_message *next_message; /* what follows, if that is known */
	struct smtp_transaction *next;
	unsigned unwanted; /* SMTP_EHLO_...: by the account, or what this server stumbled over */
};

/* Connects and logs in, unless that was done and the connection still stands. -1 where it cannot.
 */
int submit_session_open(struct submit_session *s, struct err *e);

/* Is there a connection over which a message can go? */
bool submit_session_is_open(const struct submit_session *s);

/*
 * Says that MESSAGE follows what is sent next, as T wants, which has its envelope and `most`: its
 * first commands may go out with the end of that. Where another follows all the same, a new
 * connection is made for it. NULL: it is not known what follows.
 */
void submit_session_expect(
    struct submit_session *s, struct mail_message *message, struct smtp_transaction *t);

/*
 * Sends MESSAGE, in a form that the server takes, as T wants: its envelope, `last` and `most` (no
 * more than the account's) are set, the rest is zeros, or what an earlier run has left open. Opens
 * a connection where there is none, and once more where one that stood idle turns out to have ended
 * before anything was said of the message. 0 and -1 as smtp_transaction_run.
 */
int submit_session_send(struct submit_session *s, struct mail_message *message,
    struct smtp_transaction *t, struct err *e);

/* Says QUIT and closes the connection, if there is one. The next message opens another. */
void submit_session_close(struct submit_session *s);

/* Closes it, and wipes and frees all that it holds. */
void submit_session_free(struct submit_session *s);

#endif
