/*
 * submission: one message and its recipients on their way, however they came in (on standard input,
 * by -bs): the account for them, whom they stand for, the completed header, the sending.
 *
 * Each recipient has a fate of its own. What befalls some is noted, told on standard error where
 * there is more than one such thing, and is the error in the end.
 */
#ifndef APP_SUBMISSION_H
#define APP_SUBMISSION_H

#include "app/account.h"
#include "app/options.h"
#include "base/buf.h"
#include "base/err.h"
#include "mail/address.h"
#include "mail/envelope.h"
#include "mail/message.h"
#include "net/name.h"
#include "submit/header.h"
#include "submit/route.h"

/* The caller sets the first four; app_submission_free frees them, but the options, and the rest. */
struct app_submission {
	const struct app_options *options;
	struct mail_message *message;  /* NULL to look where it would go (app_submission_route) */
	struct mail_envelope envelope; /* recipients, and how they want to be told; no sender */
	struct mail_address given;     /* the sender that the caller names; local NULL without */

	struct mail_address written; /* of the header's From; local NULL without */
	struct app_account account;  /* nothing in it where all is for imbucad */
	struct conf_account *daemon; /* imbucad's; NULL unless something is for it */
	bool absent; /* imbucad does not answer: what is for it waits in the queue */
	struct submit_route route;
	struct submit_header header;
	struct buf domain; /* for names without one */
	struct err failed; /* what befell some of the recipients; ex 0 for nothing */
};

#define APP_SUBMISSION_INIT(its_options)                                    \
	{                                                                   \
		.options = (its_options), .domain = BUF_INIT(NET_NAME_SIZE) \
	}

/*
 * E befell some recipients: it is what the whole ends with, as EX_TEMPFAIL if that is true of any.
 * All but the first such error are told at once.
 */
void app_submission_note(struct app_submission *s, const struct err *e);

/* Ends with what was noted: 0 if there is nothing, else -1 with it. */
int app_submission_conclude(const struct app_submission *s, struct err *e);

/*
 * Finds the account, and to whom the message goes: envelopes for its server and for imbucad. Where
 * there is no accounts file that the caller may read, and imbucad answers, all is for imbucad. -1
 * where nobody is left, or with EX_CONFIG for what is wrong with the account.
 */
int app_submission_route(struct app_submission *s, struct err *e);

/* Makes senders and header what the account will send: after app_submission_route. */
int app_submission_complete(struct app_submission *s, struct err *e);

/* Makes the header what a provider takes; app_submission_send does, too. */
int app_submission_adapt(struct app_submission *s, struct err *e);

/* Sends it, and logs that. 0 where all recipients have it, and nothing was noted. */
int app_submission_send(struct app_submission *s, struct err *e);

/* Frees all. */
void app_submission_free(struct app_submission *s);

#endif
