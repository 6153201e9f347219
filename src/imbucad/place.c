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

enum { TEXT_MAXIMUM = 64 << 10, LOCAL_MAXIMUM = 2048 };

/* Nobody's but this machine's own names (RFC 6761 6.3). */
static const char *const domains[] = {
    [IMBUCAD_PLACE_USER] = "user.localhost",
    [IMBUCAD_PLACE_MAILBOX] = "mailbox.localhost",
    [IMBUCAD_PLACE_NAME] = "name.localhost",
    [IMBUCAD_PLACE_TARGET] = "target.localhost",
};

/* --- marks --- */

/* What has a mark, and what stands before its text when that is made. */
static const struct marked {
	enum deliver_target_kind target;
	enum imbucad_plan_kind item;
	const char *prefix;
} marked[] = {
    {DELIVER_TARGET_FILE, IMBUCAD_PLAN_FILE, ""},
    {DELIVER_TARGET_COMMAND, IMBUCAD_PLAN_COMMAND, "|"},
    {DELIVER_TARGET_INCLUDE, IMBUCAD_PLAN_INCLUDE, ":include:"},
};

/* The beginning of a hash of PREFIX and TEXT; 0 where there is none. */
static uint64_t
mark_of(const char *prefix, const char *text)
{
	struct buf whole = BUF_INIT(TEXT_MAXIMUM);
	unsigned char digest[CRYPTO_SHA256_SIZE];
	struct err ignored = ERR_INIT;
	uint64_t mark = 0;

	buf_addf(&whole, "%s%s", prefix, text);
	if (!whole.full && crypto_sha256(buf_slice(&whole), digest, &ignored) == 0)
		memcpy(&mark, digest, sizeof mark);
	buf_free(&whole);
	return mark;
}

static bool
has_mark(const struct deliver_target *target, uint64_t mark)
{
	for (size_t i = 0; i < COUNT(marked); i++) {
		if (marked[i].target == target->kind)
			return mark_of(marked[i].prefix, target->text) == mark;
	}
	return false;
}

const struct deliver_target *
imbucad_place_find(const struct deliver_target_list *list, uint64_t mark)
{
	for (size_t i = 0; i < list->count; i++) {
		if (has_mark(&list->at[i], mark))
			return &list->at[i];
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
write_name(const struct imbucad_plan_item *item, struct buf *out)
{
	buf_adds(out, item->where);
}

static void
write_target(const struct imbucad_plan_item *item, struct buf *out)
{
	size_t i = 0;

	while (marked[i].item != item->kind)
		i++;
	buf_addf(out, "%016" PRIx64, mark_of(marked[i].prefix, item->where));
	if (item->is_users)
		buf_addf(out, ".%s", item->user);
	if (item->detail[0] != '\0')
		buf_addf(out, "+%s", item->detail);
}

/* The queue could not read a longer one. */
static bool
fits(const struct mail_address *name)
{
	struct buf text = BUF_INIT(MAIL_ADDRESS_MAX);
	bool fits;

	mail_address_write(&text, name);
	fits = !text.full;
	buf_free(&text);
	return fits;
}

/* The name LOCAL of a place in DOMAIN; without its detail, which leads to the same place, where it
 * is too long with it. */
static int
make_name(const char *local, const char *domain, struct mail_address *out, struct err *e)
{
	*out = (struct mail_address){strdup(local), strdup(domain), strdup("")};
	if (out->local == NULL || out->domain == NULL || out->display == NULL) {
		mail_address_free(out);
		return err_set(e, EX_TEMPFAIL, "no memory for a place");
	}
	if (!fits(out))
		out->local[strcspn(out->local, "+")] = '\0';
	if (out->local[0] != '\0' && fits(out))
		return 0;
	mail_address_free(out);
	return err_set(e, EX_TEMPFAIL, "'%s' is too long for the name of a place", local);
}

int
imbucad_place_name(const struct imbucad_plan_item *item, struct mail_address *out, struct err *e)
{
	static const struct {
		void (*write)(const struct imbucad_plan_item *item, struct buf *out);
		enum imbucad_place_kind kind, final;
	} rows[] = {
	    [IMBUCAD_PLAN_MAILBOX] = {write_mailbox, IMBUCAD_PLACE_USER, IMBUCAD_PLACE_MAILBOX},
	    [IMBUCAD_PLAN_FILE] = {write_target, IMBUCAD_PLACE_TARGET, IMBUCAD_PLACE_TARGET},
	    [IMBUCAD_PLAN_COMMAND] = {write_target, IMBUCAD_PLACE_TARGET, IMBUCAD_PLACE_TARGET},
	    [IMBUCAD_PLAN_NAME] = {write_name, IMBUCAD_PLACE_NAME, IMBUCAD_PLACE_NAME},
	    [IMBUCAD_PLAN_INCLUDE] = {write_target, IMBUCAD_PLACE_TARGET, IMBUCAD_PLACE_TARGET},
	};
	struct buf local = BUF_INIT(LOCAL_MAXIMUM);
	enum imbucad_place_kind kind;
	int status;

	if (item->kind == IMBUCAD_PLAN_RELAY)
		return mail_address_parse(out, str_slice(item->where), e);
	rows[item->kind].write(item, &local);
	kind = item->is_final ? rows[item->kind].final : rows[item->kind].kind;
	status = make_name(buf_text(&local), domains[kind], out, e);
	buf_free(&local);
	return status;
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
