/*
 * explain: see explain.h.
 */
#include <config.h>

#include <stdbool.h>
#include <string.h>
#include <sysexits.h>

#include "explain/explain.h"

#include "base/banned.h"

enum {
	ANY = EXPLAIN_CONNECT | EXPLAIN_EHLO | EXPLAIN_TLS | EXPLAIN_AUTH | EXPLAIN_MAIL |
	      EXPLAIN_RCPT | EXPLAIN_DATA,
	CONTENT = EXPLAIN_MAIL | EXPLAIN_DATA,
};

/* The first rule that fits is taken. Code 0 is any code, a digit alone a whole class. */
static const struct rule {
	unsigned stages;
	int code;
	const char *enhanced; /* "" for any; without the class digit: ".7.8" */
	struct explain_verdict verdict;
} rules[] = {
    /* Login. */
    {EXPLAIN_AUTH, 534, "",
	{EX_NOPERM, "the provider takes no plain password for this account",
	    "make an app password on the provider's site and put that into the account"}},
    {EXPLAIN_AUTH, 535, "",
	{EX_NOPERM, "user name or password are not accepted",
	    "check both; with two-step verification the provider wants an app password"}},
    {EXPLAIN_AUTH, 538, "",
	{EX_NOPERM, "the server takes this login only under TLS", "set tls on for the account"}},
    {EXPLAIN_AUTH, 504, "",
	{EX_NOPERM, "the server does not know this way to log in",
	    "set auth on, or another mechanism"}},
    {EXPLAIN_AUTH, 4, "",
	{EX_TEMPFAIL, "the server cannot check the login now", "try again in some minutes"}},
    {EXPLAIN_AUTH, 5, "", {EX_NOPERM, "the login is refused", "check user, password and auth"}},
    {EXPLAIN_MAIL | EXPLAIN_RCPT | EXPLAIN_DATA, 530, "",
	{EX_NOPERM, "the server wants a login first",
	    "give the account a user and a password; on port 587 set tls on too"}},

    /* The session. */
    {ANY, 421, "",
	{EX_TEMPFAIL, "the server is closing: too busy, or too many connections from here",
	    "try again later"}},
    {EXPLAIN_CONNECT, 554, "",
	{EX_UNAVAILABLE, "the server takes no mail from this machine's address",
	    "submit through the provider's port 587 or 465 with a login"}},

    /* The sender. */
    {EXPLAIN_MAIL, 550, "",
	{EX_NOPERM, "the server does not accept this sender",
	    "send as the address that belongs to the login: set from, or -f"}},
    {EXPLAIN_MAIL, 553, "",
	{EX_NOPERM, "the login does not own this sender",
	    "send as the address that belongs to the login: set from, or -f"}},
    {CONTENT, 5, ".1.8",
	{EX_NOPERM, "the domain of the sender does not exist", "set from to a real address"}},
    {EXPLAIN_MAIL, 5, ".7.1",
	{EX_NOPERM, "the login may not send as this sender",
	    "send as the address that belongs to the login: set from, or -f"}},

    /* The recipient. */
    {EXPLAIN_RCPT, 550, ".7.1",
	{EX_NOUSER, "the server does not relay to this recipient",
	    "log in: set user and password"}},
    {EXPLAIN_RCPT, 554, ".7.1",
	{EX_NOUSER, "the server does not relay to this recipient",
	    "log in: set user and password"}},
    {EXPLAIN_RCPT, 452, "",
	{EX_TEMPFAIL, "too many recipients at once, or the mailbox is full", "try again later"}},
    {EXPLAIN_RCPT, 552, "", {EX_NOUSER, "the recipient's mailbox is full", "tell the recipient"}},
    {EXPLAIN_RCPT, 5, "",
	{EX_NOUSER, "there is no such recipient, or it does not take this mail",
	    "check the address for a slip"}},

    /* The message. */
    {CONTENT, 5, ".2.2", {EX_NOUSER, "the recipient's mailbox is full", "tell the recipient"}},
    {CONTENT, 552, "",
	{EX_DATAERR, "the message is larger than the server takes, or the mailbox is full",
	    "send less, or a link to it"}},
    {CONTENT, 5, ".3.4",
	{EX_DATAERR, "the message is larger than the server takes", "send less, or a link to it"}},
    {EXPLAIN_DATA, 554, "",
	{EX_UNAVAILABLE, "the server refuses the message, most often as spam",
	    "see that From is your own address, and what the message holds"}},
    {EXPLAIN_DATA, 550, "",
	{EX_UNAVAILABLE, "the server refuses the sender or the content",
	    "see that From is your own address, and what the message holds"}},

    /* For now. */
    {ANY, 450, "",
	{EX_TEMPFAIL, "the server puts it off: a busy mailbox, or greylisting", "try again later"}},
    {ANY, 451, "",
	{EX_TEMPFAIL, "the server has a trouble of its own, or greylists", "try again later"}},
    {ANY, 452, "", {EX_TEMPFAIL, "the server has no room now", "try again later"}},

    /* The classes. */
    {ANY, 4, "", {EX_TEMPFAIL, "the server refuses for now", "try again later"}},
    {ANY, 0, "", {EX_UNAVAILABLE, "the server refuses for good", ""}},
};

static bool
fits(const struct rule *r, enum explain_stage stage, int code, const char *enhanced)
{
	if ((r->stages & stage) == 0)
		return false;
	if (r->code != 0 && r->code != (r->code < 10 ? code / 100 : code))
		return false;
	return r->enhanced[0] == '\0' ||
	       (enhanced[0] != '\0' && strcmp(enhanced + 1, r->enhanced) == 0);
}

struct explain_verdict
explain_reply(enum explain_stage stage, int code, const char *enhanced)
{
	const struct rule *r = rules;

	while (r->code != 0 && !fits(r, stage, code, enhanced))
		r++;
	return r->verdict;
}
