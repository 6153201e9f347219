/*
 * dkim: the public key that a domain publishes for a selector (DKIM, RFC 6376 3.6.1; Ed25519: RFC
 * 8463), by which receivers check the signatures of its provider.
 */
#ifndef DOMAIN_DKIM_H
#define DOMAIN_DKIM_H

#include "base/deadline.h"
#include "base/err.h"
#include "net/resolver.h"

enum domain_dkim_state {
	DOMAIN_DKIM_NONE,    /* there is no key */
	DOMAIN_DKIM_GOOD,    /* one that receivers take */
	DOMAIN_DKIM_WEAK,    /* RSA below 1024 bits, which they must not take (RFC 8301, 3.2) */
	DOMAIN_DKIM_REVOKED, /* an empty key */
	DOMAIN_DKIM_BAD,     /* no key that can be read, or not one for mail */
};

struct domain_dkim {
	enum domain_dkim_state state;
	char type[16];	 /* "rsa", "ed25519", or what the record says */
	unsigned bits;	 /* the key's length; 0 where it cannot be read */
	bool testing;	 /* t=y: receivers treat the mail as if it were not signed */
	char alias[256]; /* the name that it is kept at (CNAME), "" for none */
};

/* Judges RECORD, a key as it was published. -1 as module_get. */
int domain_dkim_parse(struct slice record, struct domain_dkim *out, struct err *e);

/*
 * Looks for the key of SELECTOR at DOMAIN (A-labels). 0 also where there is none; -1 as
 * net_resolver_ask.
 */
int domain_dkim_find(const struct net_resolver *resolver, const char *selector, const char *domain,
    struct deadline within, struct domain_dkim *out, struct err *e);

#endif
