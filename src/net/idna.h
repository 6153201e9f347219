/*
 * idna: host names in other letters than ASCII's, as A-labels (IDNA 2008, RFC 5890), by libidn2.
 * Part of the module (base/module); net/name is for everybody.
 */
#ifndef NET_IDNA_H
#define NET_IDNA_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Appends NAME, UTF-8, to OUT as ASCII. -1 with EX_USAGE where it is no UTF-8, too long or not
 * allowed.
 */
int net_idna_to_ascii(const char *name, struct buf *out, struct err *e);

#endif
