/*
 * envelope: see envelope.h.
 */
#include <config.h>

#include <stdlib.h>

#include "mail/envelope.h"

#include "base/banned.h"

int
mail_envelope_set_sender(
    struct mail_envelope *envelope, const struct mail_address *address, struct err *e)
{
	struct mail_address copy;

	if (mail_address_copy(&copy, address, e) != 0)
		return -1;
	mail_address_free(&envelope->sender);
	envelope->sender = copy;
	return 0;
}

/* FNV-1a over the address, its case aside: equal addresses have equal hashes. */
static uint32_t
hash_of(const struct mail_address *a)
{
	const char *const parts[] = {a->local, a->domain};
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		for (const char *c = parts[i]; *c != '\0'; c++) {
			hash ^= (unsigned char)*c | 0x20U;
			hash *= 16777619U;
		}
	}
	return hash;
}

static bool
has(const struct mail_envelope *envelope, const struct mail_address *address, uint32_t hash)
{
	for (size_t i = 0; i < envelope->count; i++) {
		const struct mail_envelope_recipient *r = &envelope->recipients[i];

		if (r->hash == hash && mail_address_equal(&r->address, address))
			return true;
	}
	return false;
}

/* Room for one recipient more. */
static struct mail_envelope_recipient *
room(struct mail_envelope *envelope)
{
	size_t capacity = envelope->capacity > 0 ? 2 * envelope->capacity : 4;
	struct mail_envelope_recipient *recipients;

	if (envelope->count < envelope->capacity)
		return &envelope->recipients[envelope->count];
	recipients = realloc(envelope->recipients, capacity * sizeof *recipients);
	if (recipients == NULL)
		return NULL;
	envelope->recipients = recipients;
	envelope->capacity = capacity;
	return &recipients[envelope->count];
}

int
mail_envelope_add(struct mail_envelope *envelope, const struct mail_address *address, struct err *e)
{
	uint32_t hash = hash_of(address);
	struct mail_envelope_recipient *recipient;

	if (has(envelope, address, hash))
		return 0;
	if (envelope->count >= MAIL_ADDRESS_LIST_MAX)
		return err_set(e, EX_DATAERR, "more than %d recipients", MAIL_ADDRESS_LIST_MAX);
	recipient = room(envelope);
	if (recipient == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for a recipient");
	if (mail_address_copy(&recipient->address, address, e) != 0)
		return -1;
	recipient->hash = hash;
	envelope->count++;
	return 1;
}

int
mail_envelope_add_list(
    struct mail_envelope *envelope, const struct mail_address_list *list, struct err *e)
{
	for (size_t i = 0; i < list->count; i++) {
		if (!mail_address_is_null(&list->at[i]) &&
		    mail_envelope_add(envelope, &list->at[i], e) < 0)
			return -1;
	}
	return 0;
}

void
mail_envelope_free(struct mail_envelope *envelope)
{
	mail_address_free(&envelope->sender);
	for (size_t i = 0; i < envelope->count; i++)
		mail_address_free(&envelope->recipients[i].address);
	free(envelope->recipients);
	*envelope = (struct mail_envelope){.recipients = NULL};
}
