/*
 * group: the commands of one MAIL, by number: what opens it (AUTH that waited, or RSET), MAIL, the
 * RCPTs, DATA unless the content goes in chunks, before which all has to be answered (RFC 3030).
 *
 * Where the server pipelines (RFC 2920) they go out in one write, which may be that of the end of
 * the content before; else each waits for the reply to the one before. What the replies come to is
 * the caller's to judge.
 */
#ifndef SMTP_GROUP_H
#define SMTP_GROUP_H

#include "smtp/params.h"
#include "smtp/transaction.h"

struct smtp_group {
	/* The caller sets these. */
	struct smtp_client *client;
	struct smtp_transaction *transaction;
	const size_t *recipients; /* COUNT of them, by their numbers in the envelope */
	size_t count;
	bool chunked;		   /* no DATA: the content goes by BDAT */
	struct smtp_params params; /* of MAIL, as far as the server offers them */

	/* The rest is zeros before. The replies to the RCPTs are in the transaction's fates. */
	struct smtp_reply opening, mail, data; /* code 0: none came */
	bool logs_in;			       /* the opening is AUTH */
	size_t accepted;		       /* recipients */
	size_t left_over;      /* recipients that were too many for one MAIL; without a reply */
	size_t sent, answered; /* commands */
};

/*
 * Adds the first commands to the lines of the dialogue, as many as may go out unanswered, without
 * an opening: they follow the end of another transaction. The server must pipeline. -1 where they
 * cannot be said; then none was added.
 */
int smtp_group_put(struct smtp_group *g, struct err *e);

/*
 * Says the commands, as far as smtp_group_put has not, and reads their replies, as far as they have
 * any sense after those that came. A recipient whose address this server cannot take is answered in
 * its place (RFC 6531, 3.5), so that the others still get the message. -1 where the connection or
 * the session ended; 1 where all has to begin again, as smtp_client_logged_in.
 */
int smtp_group_talk(struct smtp_group *g, struct err *e);

/* Frees the replies that it owns. */
void smtp_group_free(struct smtp_group *g);

#endif
