/*
 * address: mail addresses, as people and programs write them (RFC 5322 3.4 and its obsolete forms
 * 4.4; RFC 6532 for UTF-8).
 *
 * A list is read in full or not at all: what cannot be read is an error that shows the place,
 * never a guess. Mailboxes, groups (also empty ones), quoted local parts, nested comments, folded
 * lines, empty elements, `<>`, routes (dropped, as RFC 5322 4.4 says), address literals. A name
 * without a domain (`root`) is an address whose domain is "". An address holds no control byte, so
 * that it can stand in an SMTP command or a log.
 *
 * Dots may stand anywhere in a local part (`a..b@docomo.ne.jp` is somebody's): such a local part is
 * written back in quotes. The 64 bytes of RFC 5321 4.5.3.1.1 are no limit here, since reply
 * addresses in use are longer; the 254 bytes of a whole address are. No aliases, no DNS, no IDNA.
 */
#ifndef MAIL_ADDRESS_H
#define MAIL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum {
	MAIL_ADDRESS_MAX = 254,	       /* bytes of an addr-spec: RFC 5321 4.5.3.1.3, less <> */
	MAIL_ADDRESS_LIST_MAX = 65536, /* addresses in a list */
};

/* Owned strings; none is NULL in an address that a function here has made. */
struct mail_address {
	char *local;   /* without quotes and backslashes: `"a b"@c` has the local part `a b` */
	char *domain;  /* as written, `[...]` with its brackets; "" where the address has none */
	char *display; /* the phrase before it without quotes, else the comment behind it, else "";
			  encoded words (RFC 2047) as they stand; may hold any bytes but controls */
};

struct mail_address_list {
	struct mail_address *at; /* COUNT of them */
	size_t count;
};

/*
 * Appends the addresses of TEXT to OUT (which may hold others; zeros are an empty list), in their
 * order, the members of groups among them. EX_DATAERR with the place where TEXT is no list of
 * addresses; then OUT is as it was before.
 */
int mail_address_parse_list(struct mail_address_list *out, struct slice text, struct err *e);

/* The one address that TEXT must be, `<>` too. Any other number of addresses is EX_DATAERR. */
int mail_address_parse(struct mail_address *out, struct slice text, struct err *e);

/*
 * Appends the list TEXT with "@DOMAIN" behind each name that has no domain, and else byte by byte
 * as it is, comments and folds too. EX_DATAERR as mail_address_parse_list; then nothing is
 * appended.
 */
int mail_address_parse_qualify(
    struct buf *out, struct slice text, const char *domain, struct err *e);

/* Makes OUT a copy of FROM. EX_TEMPFAIL where memory runs out. */
int mail_address_copy(struct mail_address *out, const struct mail_address *from, struct err *e);

/* Is it the null address `<>` (RFC 5321 4.5.5)? */
bool mail_address_is_null(const struct mail_address *a);

/* Has it bytes that need SMTPUTF8 (RFC 6531) in local part or domain? */
bool mail_address_is_utf8(const struct mail_address *a);

/* The same mailbox? Domains but for the case of ASCII letters, local parts byte by byte. */
bool mail_address_equal(const struct mail_address *a, const struct mail_address *b);

/* A hash of the address without its display; equal addresses have equal hashes. */
uint32_t mail_address_hash(const struct mail_address *a);

/*
 * Does PATTERN fit the address, the case of ASCII letters aside? `*` stands for any bytes, `?` for
 * one. A pattern without a `+` also fits an address whose `+detail` is left out.
 */
bool mail_address_match(const struct mail_address *a, struct slice pattern);

/* Appends the addr-spec, its local part quoted where it must be (RFC 5321 4.1.2); nothing for <>.
 */
void mail_address_write(struct buf *out, const struct mail_address *a);

/* Free what they own and leave them empty; harmless on zeros. */
void mail_address_free(struct mail_address *a);
void mail_address_list_free(struct mail_address_list *list);

#endif
