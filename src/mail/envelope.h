/*
 * envelope: who sends a message, and to whom (RFC 5321 2.3.1), each recipient once.
 */
#ifndef MAIL_ENVELOPE_H
#define MAIL_ENVELOPE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "mail/address.h"
#include "mail/dsn.h"

/* What MAIL FROM declares about the body (RFC 6152, RFC 3030). */
enum mail_envelope_body {
	MAIL_ENVELOPE_BODY_UNSAID,
	MAIL_ENVELOPE_BODY_7BIT,
	MAIL_ENVELOPE_BODY_8BITMIME,
	MAIL_ENVELOPE_BODY_BINARYMIME,
};

struct mail_envelope_recipient {
	struct mail_address address;
	unsigned notify; /* MAIL_DSN_...: when its sender wants a report; 0: nothing is said */
	char *orcpt;	 /* as its sender wrote it, decoded as in mail/dsn.h; NULL: not said */
	uint32_t hash;	 /* of the address, so that thousands are compared fast */
};

/* Zeros are an empty envelope, whose sender is not set. */
struct mail_envelope {
	struct mail_address sender; /* local is NULL until it is set; may be the null address */
	struct mail_envelope_recipient *recipients; /* COUNT of them, in the order they came */
	size_t count;
	enum mail_envelope_body body;
	enum mail_dsn_ret ret;		 /* what a report brings back of the message */
	char envid[MAIL_DSN_ENVID_SIZE]; /* how its sender calls this envelope; "": not said */
};

/* Sets a copy of ADDRESS as the sender, in place of an earlier one. */
int mail_envelope_set_sender(
    struct mail_envelope *envelope, const struct mail_address *address, struct err *e);

/*
 * Adds a copy of ADDRESS to the recipients. Returns 1 when it was added, 0 when it was there
 * already (as mail_address_equal says), -1 where memory runs out or there are
 * MAIL_ADDRESS_LIST_MAX.
 */
int mail_envelope_add(
    struct mail_envelope *envelope, const struct mail_address *address, struct err *e);

/* Adds a copy of RECIPIENT, its notify and orcpt too, and returns, as mail_envelope_add. */
int mail_envelope_add_recipient(
    struct mail_envelope *envelope, const struct mail_envelope_recipient *recipient, struct err *e);

/* Adds each address of LIST, which names only mailboxes: a null address (`<>`) adds nobody. */
int mail_envelope_add_list(
    struct mail_envelope *envelope, const struct mail_address_list *list, struct err *e);

/* Frees what it owns and leaves it empty. */
void mail_envelope_free(struct mail_envelope *envelope);

#endif
