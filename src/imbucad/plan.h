/*
 * plan: where one message goes: each place once, however many of its recipients lead there, and
 * what became of it at each.
 */
#ifndef IMBUCAD_PLAN_H
#define IMBUCAD_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum imbucad_plan_kind {
	IMBUCAD_PLAN_MAILBOX, /* the user's own */
	IMBUCAD_PLAN_FILE,    /* an mbox; with a `/` at its end a Maildir */
	IMBUCAD_PLAN_COMMAND,
	IMBUCAD_PLAN_RELAY,   /* an address elsewhere */
	IMBUCAD_PLAN_NAME,    /* a name whose line in the aliases is wrong: it has failed */
	IMBUCAD_PLAN_INCLUDE, /* a list that cannot be read: likewise */
};

/* Texts are owned, and never NULL. */
struct imbucad_plan_item {
	enum imbucad_plan_kind kind;
	char *user;    /* as whom; "" for a relay */
	char *where;   /* file, command line, address, name; "" for a mailbox */
	char *detail;  /* of a mailbox, and what a command gets: "" without */
	char *owner;   /* who is the sender instead, but of a report; "" for nobody */
	bool is_final; /* a mailbox whose ~/.forward does not count */
	bool is_users; /* a file or command of the user's ~/.forward */
	uint64_t
	    mark; /* of what alone counts of a mailbox's ~/.forward (imbucad/place.h); 0: all */
	bool done;
	bool passed_on;	   /* ~/.forward says where instead */
	struct err result; /* ex 0 where it is delivered */
	char place[512];   /* where it lies then */
};

/* Recipient number RECIPIENT leads to item number ITEM. */
struct imbucad_plan_way {
	size_t recipient, item;
};

/* Item number FROM is passed on to item number TO. */
struct imbucad_plan_pass {
	size_t from, to;
};

struct imbucad_plan {
	struct imbucad_plan_item *items;
	size_t items_count;
	struct imbucad_plan_way *ways;
	size_t ways_count;
	struct imbucad_plan_pass *passes;
	size_t passes_count;
};

/* What leads to an item: a recipient, or an item that is passed on, with all who lead to that. */
struct imbucad_plan_source {
	bool is_item;
	size_t number;
};

/* What an item is made of: the caller's texts, NULL for "". */
struct imbucad_plan_request {
	enum imbucad_plan_kind kind;
	const char *user, *where, *detail, *owner;
	bool is_final, is_users;
	uint64_t mark;
	const struct err *failed; /* why nothing can go there; NULL or ex 0: it can */
};

/* SOURCE leads there too. EX_TEMPFAIL where memory runs out. */
int imbucad_plan_add(struct imbucad_plan *plan, struct imbucad_plan_source source,
    const struct imbucad_plan_request *request, struct err *e);

/* Does RECIPIENT lead to ITEM? */
bool imbucad_plan_leads(const struct imbucad_plan *plan, size_t recipient, size_t item);

/* Does the message lie at ITEM? */
bool imbucad_plan_has(const struct imbucad_plan_item *item);

/* The item of the same mailbox as number INDEX whose ~/.forward counts where that one's does not,
 * and the other way round; NULL. */
const struct imbucad_plan_item *imbucad_plan_twin(const struct imbucad_plan *plan, size_t index);

/* Where the items of RECIPIENT are all passed on, to each other that is, the first; else NULL. */
const struct imbucad_plan_item *imbucad_plan_circle(
    const struct imbucad_plan *plan, size_t recipient);

/* Does RECIPIENT lead to an item that has not failed? */
bool imbucad_plan_reaches(const struct imbucad_plan *plan, size_t recipient);

/* What became of RECIPIENT: a failure for now of any of its items, else one for good, else NULL.
 * Who leads nowhere has failed. */
const struct err *imbucad_plan_result(const struct imbucad_plan *plan, size_t recipient);

void imbucad_plan_free(struct imbucad_plan *plan);

#endif
