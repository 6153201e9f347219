/*
 * path: the address in MAIL FROM and RCPT TO, RFC 5321 4.1.2 and 4.1.3, with RFC 6531 3.3 for
 * UTF-8. It is a narrower thing than an address of a header (mail/address.h): no comments, no
 * folding, no display name; so what goes through here can go into a command, a header field and a
 * log line as it stands.
 *
 * Taken beyond the grammar: a local part without a domain (RFC 5321 grants it to Postmaster
 * alone, but mail of this machine goes to `root`), `_` in a domain, a local part over 64 bytes
 * (reply addresses in use are longer). A source route is dropped (appendix C). Of address literals
 * only IPv4 and IPv6 are known.
 */
#ifndef SMTP_PATH_H
#define SMTP_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum {
	SMTP_PATH_MAX = 254, /* bytes: RFC 5321 4.5.3.1.3, less the brackets */
};

struct smtp_path {
	char text[SMTP_PATH_MAX +
		  1]; /* as written, without brackets and route; "" is the null path */
	size_t local; /* bytes of the local part at the start of text */
};

/*
 * Reads the path at the start of *TEXT, with its brackets, and moves *TEXT behind it. Returns
 * whether there was one.
 */
bool smtp_path_parse(struct slice *text, struct smtp_path *out);

/* Reads the whole of TEXT, which has no brackets, as smtp_path_parse does; "" is the null path. */
bool smtp_path_parse_bare(struct slice text, struct smtp_path *out);

/* The local part of P as written, quotes included; and its domain, "" without one. */
struct slice smtp_path_local(const struct smtp_path *p);
struct slice smtp_path_domain(const struct smtp_path *p);

#endif
