/*
 * route: whose is each recipient? Somebody's elsewhere, for the account's server; or, once the
 * aliases have had their say, a name of this machine, for imbucad. Such a name never goes to a
 * provider, who would take `root` for its own, or refuse it.
 */
#ifndef SUBMIT_ROUTE_H
#define SUBMIT_ROUTE_H

#include "conf/account.h"
#include "deliver/aliases.h"
#include "mail/envelope.h"

/* Where an account names no aliases. */
#define SUBMIT_ROUTE_ALIASES "/etc/aliases"

/* What the recipients of an envelope come to; its other values are copied to both. */
struct submit_route {
	struct mail_envelope remote;	 /* addresses with a domain elsewhere */
	struct mail_envelope local;	 /* names of this machine, without a domain */
	struct deliver_aliases *aliases; /* by which; NULL where none were needed */
};

/*
 * Puts each recipient of ENVELOPE into OUT, all zeros before: with ALIASES those whom it stands for
 * by the account's `aliases` file, or where it names none by SUBMIT_ROUTE_ALIASES, if that is
 * there. Looked up are names without a domain and addresses of this machine
 * (submit_identity_is_local), but not those that a `from` line of the account has. What only
 * imbucad can deliver (a file, a command) stays the name that stands for it. -1 with EX_CONFIG for
 * a bad file, EX_TEMPFAIL. The caller calls submit_route_free in any case.
 */
int submit_route_split(const struct conf_account *account, bool aliases,
    const struct mail_envelope *envelope, struct submit_route *out, struct err *e);

/*
 * Puts the account's `default_recipient` in the place of all names of this machine. Returns 1, or 0
 * where there is none; -1 with EX_CONFIG where it is no list of addresses elsewhere.
 */
int submit_route_default(
    const struct conf_account *account, struct submit_route *route, struct err *e);

/*
 * Sets E to why mail for ADDRESS, one of the names that remain, goes nowhere while imbucad does not
 * answer: EX_CONFIG where its alias is a file or a command, else EX_TEMPFAIL. Returns -1.
 */
int submit_route_strand(
    const struct submit_route *route, const struct mail_address *address, struct err *e);

void submit_route_free(struct submit_route *route);

#endif
