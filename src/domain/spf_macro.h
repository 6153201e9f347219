/*
 * spf_macro: the macros in a domain of an SPF record (RFC 7208, 7). No I/O.
 */
#ifndef DOMAIN_SPF_MACRO_H
#define DOMAIN_SPF_MACRO_H

#include "base/buf.h"
#include "base/str.h"

/* What the macros stand for. */
struct domain_spf_macro {
	const char *local, *from; /* the two sides of the sender's address */
	const char *domain;	  /* whose record it is */
	const char *address;	  /* the client's, numeric; "" where none is looked at */
};

/*
 * Appends TEXT with its macros replaced. False where one is malformed, or where it stands for
 * something that only the receiver knows: the client's name (p), what is for explanations (c, r,
 * t), the address where there is none.
 */
bool domain_spf_macro_expand(
    const struct domain_spf_macro *macro, struct slice text, struct buf *out);

#endif
