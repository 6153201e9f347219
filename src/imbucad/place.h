/*
 * place: a place that a message has still to go to, as a recipient of the queue. The name that led
 * there does not say which of the places it stands for are meant, and the others have the message.
 *
 *	anna+detail@user.localhost       anna, whatever the aliases say of her
 *	anna+detail@mailbox.localhost    her own mailbox, whatever her ~/.forward says
 *	team@name.localhost              whom team stands for, in whose line something is wrong
 *	MARK@target.localhost            the file, command or list of the aliases with this mark
 *	MARK.anna@target.localhost       the file or command in her ~/.forward
 *
 * The last two may have a detail, too: a command's EXTENSION.
 * What is elsewhere has an address already. Such a name counts where the daemon's own runner says
 * it alone; and a file or command is looked up where it stands, so that no recipient says what is
 * written to or run.
 */
#ifndef IMBUCAD_PLACE_H
#define IMBUCAD_PLACE_H

#include "deliver/target.h"
#include "imbucad/plan.h"
#include "mail/address.h"

enum imbucad_place_kind {
	IMBUCAD_PLACE_NONE,
	IMBUCAD_PLACE_USER,
	IMBUCAD_PLACE_MAILBOX,
	IMBUCAD_PLACE_NAME,
	IMBUCAD_PLACE_TARGET,
};

/* Makes OUT, which the caller frees, the name of ITEM, which the queue can keep. EX_TEMPFAIL
 * without memory. */
int imbucad_place_name(
    const struct imbucad_plan_item *item, struct mail_address *out, struct err *e);

/* What kind of a place ADDRESS names. */
enum imbucad_place_kind imbucad_place_of(const struct mail_address *address);

/* The mark in ADDRESS, which names a target; *USER is whose ~/.forward has that, "" the aliases. */
uint64_t imbucad_place_read_mark(const struct mail_address *address, const char **user);

/* The first of LIST that has MARK; NULL where none has. */
const struct deliver_target *imbucad_place_find(
    const struct deliver_target_list *list, uint64_t mark);

#endif
