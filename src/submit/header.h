/*
 * header: what the header of a message needs before it can go (RFC 6409, 8; RFC 5322, 3.6): the
 * fields that every message has, domains for the names in it, and a From that the server takes.
 *
 * It is done in two steps, since only a provider needs the second: who gets the message on this
 * machine may see that it is from `root`.
 */
#ifndef SUBMIT_HEADER_H
#define SUBMIT_HEADER_H

#include "conf/account.h"
#include "mail/address.h"
#include "mail/message.h"

/* The caller sets all but the last two; submit_header_free frees those. */
struct submit_header {
	const struct conf_account *account;
	const struct mail_address *sender; /* the envelope's */
	const char *name;		   /* the sender's display name, NULL: the account's, or the
					      caller's full name */
	const char *domain;		   /* of names without one */
	const struct conf_list *domains;   /* of this machine, besides its names; NULL: none */
	bool shared;			   /* the account is that of several users */

	/* What From and Sender were where they named somebody of this machine; else NULL. */
	char *from;
	char *from_sender;
};

/*
 * Adds From with the sender (the caller's login name where that is the null address), Date and
 * Message-ID, as the account wants them; Received with the caller's uid where it is shared; gives
 * names without a domain one; shows Bcc, hides all recipients. Notes who From and Sender are.
 */
int submit_header_complete(struct submit_header *h, struct mail_message *message, struct err *e);

/*
 * Makes From and Sender what a server can take that knows nobody of this machine: an address of the
 * account's in their place, with the display name (or local part) that was there. So also with
 * `set_from_header on`, for any From. What From was is kept: somebody of elsewhere in Reply-To, if
 * there is none, else all of it in X-Original-From. Nothing happens with `set_from_header off`, or
 * where the account has no address of its own.
 */
int submit_header_adapt(struct submit_header *h, struct mail_message *message, struct err *e);

void submit_header_free(struct submit_header *h);

#endif
