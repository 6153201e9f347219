/*
 * place: see place.h.
 */
#include <config.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "imbucad/place.h"

#include "base/banned.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { TEXT_MAXIMUM = 64 << 10 };

/* Nobody's but this machine's own names (RFC 6761 6.3). */
static const char *const domains[] = {
    [IMBUCAD_PLACE_USER] = "user.localhost",
    [IMBUCAD_PLACE_MAILBOX] = "mailbox.localhost",
    [IMBUCAD_PLACE_TARGET] = "target.localhost",
};

/* --- marks --- */

/* What a file or command is known by: the beginning of its hash; 0 where there is none. */
static uint64_t
mark_of(bool is_command, const char *text)
{
	struct buf whole = BUF_INIT(TEXT_MAXIMUM);
	unsigned char digest[CRYPTO_SHA256_SIZE];
	struct err ignored = ERR_INIT;
	uint64_t mark = 0;

	buf_addf(&whole, "%s%s", is_command ? "|" : "", text);
	if (!whole.full && crypto_sha256(buf_slice(&whole), digest, &ignored) == 0)
		memcpy(&mark, digest, sizeof mark);
	buf_free(&whole);
	return mark;
}

const struct deliver_target *
imbucad_place_find(const struct deliver_target_list *list, uint64_t mark)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct deliver_target *t = &list->at[i];

		if ((t->kind == DELIVER_TARGET_FILE || t->kind == DELIVER_TARGET_COMMAND) &&
		    mark_of(t->kind == DELIVER_TARGET_COMMAND, t->text) == mark)
			return t;
	}
	return NULL;
}

/* --- names --- */

static void
write_mailbox(const struct imbucad_plan_item *item, struct buf *out)
{
	buf_adds(out, item->where[0] != '\0' ? item->where : item->user);
	if (item->where[0] == '\0' && item->detail[0] != '\0')
		buf_addf(out, "+%s", item->detail);
}

static void
write_target(const struct imbucad_plan_item *item, struct buf *out)
{
	buf_addf(out, "%016" PRIx64, mark_of(item->kind == IMBUCAD_PLAN_COMMAND, item->where));
	if (item->is_users)
		buf_addf(out, ".%s", item->user);
	if (item->detail[0] != '\0')
		buf_addf(out, "+%s", item->detail);
}

int
imbucad_place_name(const struct imbucad_plan_item *item, struct mail_address *out, struct err *e)
{
	struct buf local = BUF_INIT(MAIL_ADDRESS_MAX);
	enum imbucad_place_kind kind = item->is_final ? IMBUCAD_PLACE_MAILBOX : IMBUCAD_PLACE_USER;

	if (item->kind == IMBUCAD_PLAN_RELAY)
		return mail_address_parse(out, str_slice(item->where), e);
	if (item->kind == IMBUCAD_PLAN_MAILBOX) {
		write_mailbox(item, &local);
	} else {
		write_target(item, &local);
		kind = IMBUCAD_PLACE_TARGET;
	}
	*out = (struct mail_address){strdup(buf_text(&local)), strdup(domains[kind]), strdup("")};
	if (!local.full && out->local != NULL && out->domain != NULL && out->display != NULL) {
		buf_free(&local);
		return 0;
	}
	buf_free(&local);
	mail_address_free(out);
	return err_set(e, EX_TEMPFAIL, "no memory for a place");
}

enum imbucad_place_kind
imbucad_place_of(const struct mail_address *address)
{
	size_t kind = IMBUCAD_PLACE_USER;

	while (kind < COUNT(domains) && !str_is_nocase(str_slice(address->domain), domains[kind]))
		kind++;
	return kind < COUNT(domains) ? (enum imbucad_place_kind)kind : IMBUCAD_PLACE_NONE;
}

uint64_t
imbucad_place_read_mark(const struct mail_address *address, const char **user)
{
	char *end;
	uint64_t mark = strtoull(address->local, &end, 16);

	*user = *end == '.' ? end + 1 : "";
	return mark;
}
