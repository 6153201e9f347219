/*
 * dsn: what a sender wants to be told of its message (RFC 3461): for which events a report is
 * wanted of a recipient (NOTIFY), what it brings back of the message (RET), how the sender calls
 * the envelope (ENVID), and how it has written the recipient (ORCPT).
 */
#ifndef MAIL_DSN_H
#define MAIL_DSN_H

#include <stdbool.h>

#include "base/buf.h"
#include "mail/address.h"

/* Events, as bits; 0 where nothing is said. NEVER stands alone. */
enum {
	MAIL_DSN_NEVER = 1 << 0,
	MAIL_DSN_SUCCESS = 1 << 1,
	MAIL_DSN_FAILURE = 1 << 2,
	MAIL_DSN_DELAY = 1 << 3,
};

enum mail_dsn_ret {
	MAIL_DSN_RET_UNSAID,
	MAIL_DSN_RET_FULL, /* the message */
	MAIL_DSN_RET_HDRS, /* its header */
};

enum {
	MAIL_DSN_ENVID_SIZE = 101, /* bytes of an ENVID, decoded, with its NUL */
	MAIL_DSN_ORCPT_SIZE = 501, /* of an ORCPT, likewise */
};

/* Reads `never`, or some of `success,failure,delay`. False, *NOTIFY then undefined, for another. */
bool mail_dsn_parse_notify(struct slice text, unsigned *notify);

/* Appends the words for NOTIFY in capitals, with commas. */
void mail_dsn_write_notify(struct buf *out, unsigned notify);

/* Reads `full` or `hdrs`. */
bool mail_dsn_parse_ret(struct slice text, enum mail_dsn_ret *ret);

/* The word for RET in capitals, "" for unsaid. */
const char *mail_dsn_ret_word(enum mail_dsn_ret ret);

/* Reads an ENVID, as xtext: 1 to 100 bytes. What comes out is printable ASCII. */
bool mail_dsn_parse_envid(struct slice xtext, char out[MAIL_DSN_ENVID_SIZE]);

/*
 * Reads an ORCPT: a type (`rfc822`, `utf-8`), `;`, and an address as xtext. Out comes the same with
 * the address decoded; within a type utf-8 its `\x{HEX}` (RFC 6533, 3) stay.
 */
bool mail_dsn_parse_orcpt(struct slice text, char out[MAIL_DSN_ORCPT_SIZE]);

/* Appends ORCPT, decoded as above, as it stands in the command. */
void mail_dsn_write_orcpt(struct buf *out, const char *orcpt);

/*
 * The ORCPT, decoded, for ADDRESS, which has a domain: type rfc822, or for a UTF-8 address utf-8
 * with all in ASCII, so that any server can be told. False where it is too long.
 */
bool mail_dsn_orcpt_of(const struct mail_address *address, char out[MAIL_DSN_ORCPT_SIZE]);

#endif
