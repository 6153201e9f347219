/*
 * name: host names as DNS and SMTP want them: A-labels (RFC 5890), without STD3 rules, which would
 * quietly turn `mx_1` into `mx1`. No look-up happens here.
 */
#ifndef NET_NAME_H
#define NET_NAME_H

#include "base/err.h"
#include "base/str.h"

/* The longest host name in its A-label form (RFC 1035, 2.3.4) with its NUL. */
enum { NET_NAME_SIZE = 256 };

/*
 * NAME, a host's name in UTF-8 or ASCII, or an address, as ASCII in OUT. A final dot is dropped.
 * -1 with EX_USAGE for a name that is empty, too long, no UTF-8, not allowed by IDNA 2008, or that
 * holds a blank, a control byte or one of `/<>@"`; as module_get for one that is not all ASCII.
 */
int net_name_to_ascii(struct slice name, char out[NET_NAME_SIZE], struct err *e);

/* Is NAME an IPv4 or IPv6 address (no brackets)? */
bool net_name_is_address(const char *name);

/* Is NAME this machine: `localhost`, below it, or a loopback address (127/8, ::1)? */
bool net_name_is_loopback(const char *name);

/*
 * This machine's own name for EHLO (RFC 5321, 4.1.4), in OUT: what gethostname says when that has a
 * dot, else its address literal stand-in `localhost.localdomain`. No look-up: it must not wait.
 */
void net_name_of_host(char out[NET_NAME_SIZE]);

#endif
