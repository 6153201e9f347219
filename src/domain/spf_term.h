/*
 * spf_term: the terms of an SPF record (RFC 7208, 4.6.1 and 5), one after the other. No I/O.
 */
#ifndef DOMAIN_SPF_TERM_H
#define DOMAIN_SPF_TERM_H

#include "base/err.h"
#include "base/str.h"

enum domain_spf_kind {
	DOMAIN_SPF_ALL,
	DOMAIN_SPF_INCLUDE,
	DOMAIN_SPF_A,
	DOMAIN_SPF_MX,
	DOMAIN_SPF_PTR,
	DOMAIN_SPF_IP4,
	DOMAIN_SPF_IP6,
	DOMAIN_SPF_EXISTS,
	DOMAIN_SPF_REDIRECT,
	DOMAIN_SPF_IGNORED, /* exp=, and modifiers that nobody knows (6) */
};

/* A term; the slices point into the record. */
struct domain_spf_term {
	enum domain_spf_kind kind;
	char qualifier;	       /* '+', '-', '~', '?' */
	struct slice domain;   /* a domain with its macros; no value where the term names none */
	struct slice network;  /* IP4, IP6: the address before the slash */
	unsigned bits4, bits6; /* of the network that counts: 0..32, 0..128 */
};

/* Is TEXT an SPF record: does it begin with the version? */
bool domain_spf_term_is_record(struct slice text);

/* Drops the version off *RECORD. */
void domain_spf_term_begin(struct slice *record);

/*
 * Takes the next term off *RECORD. Returns 1; 0 at the end; -1 with EX_DATAERR for what is no term,
 * for which a receiver gives up the whole record.
 */
int domain_spf_term_next(struct slice *record, struct domain_spf_term *out, struct err *e);

#endif
