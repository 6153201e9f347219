/*
 * target: what a name of this machine stands for, as aliases(5), a list that it includes and a
 * ~/.forward write it:
 *
 *	anna, anna@example.org, "A. B." <ab@c.example>      addresses
 *	\anna                                               her mailbox, whatever anna stands for
 *	/var/log/mail-in                                    a file, to which the message is appended
 *	|command, "|command with arguments"                 a command, which reads the message
 *	:include:/etc/list                                  those whom a file lists
 *
 * Commas separate, and in a list of its own also line ends. `#` behind a blank or at the beginning
 * of a line begins a comment. Parsing only: nothing is opened here.
 */
#ifndef DELIVER_TARGET_H
#define DELIVER_TARGET_H

#include "base/err.h"
#include "mail/address.h"

enum deliver_target_kind {
	DELIVER_TARGET_ADDRESS, /* somebody, here or elsewhere, who may stand for others again */
	DELIVER_TARGET_MAILBOX, /* a user's own mailbox: what `\name` is */
	DELIVER_TARGET_FILE,
	DELIVER_TARGET_COMMAND,
	DELIVER_TARGET_INCLUDE,
};

struct deliver_target {
	enum deliver_target_kind kind;
	struct mail_address address; /* of the first two kinds */
	char *text;	   /* of the others, never NULL there: the file's name, the command line */
	char *owner;	   /* who hears of failures ("owner-list"), NULL where that is the sender */
	struct err *fault; /* why nobody knows whom it stands for; NULL where that is known */
	uint32_t hash;	   /* of a copy in a list: of what it is compared by */
};

/* Zeros are an empty list. */
struct deliver_target_list {
	struct deliver_target *at; /* COUNT of them */
	size_t count;
};

/*
 * Appends the targets in TEXT. LINES: line ends separate them too. EX_CONFIG where it is no such
 * list; *AT then points into TEXT to where it went wrong.
 */
int deliver_target_parse_list(
    struct deliver_target_list *out, struct slice text, bool lines, const char **at, struct err *e);

/*
 * Appends a copy of TARGET, with OWNER (NULL for none), unless the same target is there already.
 * EX_TEMPFAIL where memory runs out, EX_CONFIG where there are MAIL_ADDRESS_LIST_MAX.
 */
int deliver_target_add(struct deliver_target_list *list, const struct deliver_target *target,
    const char *owner, struct err *e);

/* Wants all of LIST to be without a fault; -1 with the first one's. */
int deliver_target_list_check(const struct deliver_target_list *list, struct err *e);

/* Frees all but the first COUNT, which is at most what there is. */
void deliver_target_list_cut(struct deliver_target_list *list, size_t count);

/* Frees what it owns and leaves it empty. */
void deliver_target_list_free(struct deliver_target_list *list);

#endif
