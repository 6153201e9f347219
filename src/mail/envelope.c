/*
 * envelope: see envelope.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
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
	struct mail_envelope_recipient *grown =
	    array_grow(envelope->recipients, envelope->count, sizeof *grown);

	if (grown == NULL)
		return NULL;
	envelope->recipients = grown;
	return &grown[envelope->count];
}

static void
free_recipient(struct mail_envelope_recipient *recipient)
{
	mail_address_free(&recipient->address);
	free(recipient->orcpt);
}

static int
copy_recipient(
    struct mail_envelope_recipient *to, const struct mail_envelope_recipient *from, struct err *e)
{
	*to = (struct mail_envelope_recipient){.notify = from->notify};
	if (mail_address_copy(&to->address, &from->address, e) != 0)
		return -1;
	if (from->orcpt == NULL || (to->orcpt = strdup(from->orcpt)) != NULL)
		return 0;
	free_recipient(to);
	return err_set(e, EX_TEMPFAIL, "no memory for a recipient");
}

int
mail_envelope_add_recipient(
    struct mail_envelope *envelope, const struct mail_envelope_recipient *from, struct err *e)
{
	uint32_t hash = mail_address_hash(&from->address);
	struct mail_envelope_recipient *recipient;

	if (has(envelope, &from->address, hash))
		return 0;
	if (envelope->count >= MAIL_ADDRESS_LIST_MAX)
		return err_set(e, EX_DATAERR, "more than %d recipients", MAIL_ADDRESS_LIST_MAX);
	recipient = room(envelope);
	if (recipient == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for a recipient");
	if (copy_recipient(recipient, from, e) != 0)
		return -1;
	recipient->hash = hash;
	envelope->count++;
	return 1;
}

int
mail_envelope_add(struct mail_envelope *envelope, const struct mail_address *address, struct err *e)
{
	const struct mail_envelope_recipient recipient = {.address = *address};

	return mail_envelope_add_recipient(envelope, &recipient, e);
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
		free_recipient(&envelope->recipients[i]);
	free(envelope->recipients);
	*envelope = (struct mail_envelope){.recipients = NULL};
}
