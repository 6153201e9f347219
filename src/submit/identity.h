/*
 * identity: who runs the program, and the domain of this machine's own names.
 */
#ifndef SUBMIT_IDENTITY_H
#define SUBMIT_IDENTITY_H

#include "base/buf.h"
#include "base/err.h"
#include "mail/address.h"
#include "net/name.h"

/* Appends the caller's login name; "uid1000" where that user has no passwd entry. */
void submit_identity_login(struct buf *out);

/*
 * Appends the caller's full name: $NAME, or of the passwd entry's GECOS what stands before the
 * first comma, each `&` in it the login name with a capital. Nothing where there is none.
 */
void submit_identity_full_name(struct buf *out);

/* Appends the first line of /etc/mailname. False, and nothing, where that is no host's name. */
bool submit_identity_mailname(struct buf *out);

/*
 * Appends the domain that completes a name without one: PREFERRED where it is not NULL, else the
 * first line of /etc/mailname, else the host's name.
 */
void submit_identity_domain(struct buf *out, const char *preferred);

/* What to call ourselves in EHLO: PREFERRED as an A-label, or where it is NULL the host's name. */
int submit_identity_hello(const char *preferred, char out[NET_NAME_SIZE], struct err *e);

/* The caller's login name at DOMAIN. The caller frees it. */
int submit_identity_caller(const char *domain, struct mail_address *out, struct err *e);

/*
 * Is ADDRESS of this machine: a name without a domain, or with the machine's name, a loopback name
 * or localhost.localdomain? Nobody elsewhere knows it. The null address is not.
 */
bool submit_identity_is_local(const struct mail_address *address);

/* Gives ADDRESS the domain DOMAIN where it has none and is not the null address. */
int submit_identity_qualify(struct mail_address *address, const char *domain, struct err *e);

#endif
