/*
 * envelope: see envelope.h.
 */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/envelope.h"
#include "queue/text.h"

#include "base/banned.h"

/* --- the first line --- */

static const char magic[] = "imbuca-queue 1 checksum ";
static const char between[] = " size ";

enum {
	CHECKSUM_DIGITS = 8,
	SIZE_DIGITS = 12,
	CHECKSUM_AT = sizeof magic - 1,
	SIZE_AT = CHECKSUM_AT + CHECKSUM_DIGITS + sizeof between - 1,
};

_Static_assert(SIZE_AT + SIZE_DIGITS + 1 == QUEUE_ENVELOPE_FIRST, "the first line's length");

void
queue_envelope_write_first(struct buf *out, uint32_t checksum, uint64_t size)
{
	buf_addf(out, "%s%08" PRIx32 "%s%012" PRIu64 "\n", magic, checksum, between, size);
}

bool
queue_envelope_read_first(struct slice line, uint32_t *checksum, uint64_t *size)
{
	char copy[QUEUE_ENVELOPE_FIRST], again[QUEUE_ENVELOPE_FIRST + 32];
	struct slice digits;

	if (line.len != QUEUE_ENVELOPE_FIRST - 1 || !str_copy(copy, sizeof copy, line))
		return false;
	digits = (struct slice){copy + SIZE_AT, SIZE_DIGITS};
	if (!str_number(digits, 0, UINT64_MAX, size))
		return false;
	copy[CHECKSUM_AT + CHECKSUM_DIGITS] = '\0';
	*checksum = (uint32_t)strtoul(copy + CHECKSUM_AT, NULL, 16);
	(void)snprintf(
	    again, sizeof again, "%s%08" PRIx32 "%s%012" PRIu64, magic, *checksum, between, *size);
	return str_is(line, again);
}

/* --- values --- */

static int
bad(struct err *e, struct slice value)
{
	return err_set(e, EX_DATAERR, "'%.*s' is no value for it", STR_ARGS(value));
}

static int
copy_text(char **out, struct slice value, struct err *e)
{
	struct buf text = BUF_INIT(QUEUE_ENVELOPE_HEAD_MAX);

	if (*out != NULL || !queue_text_read(&text, value)) {
		buf_free(&text);
		return bad(e, value);
	}
	*out = strdup(buf_text(&text));
	buf_free(&text);
	return *out != NULL ? 0 : err_set(e, EX_TEMPFAIL, "no memory for an envelope");
}

static int
read_address(struct mail_address *out, struct slice value, struct err *e)
{
	struct buf text = BUF_INIT(4096);
	int rc;

	buf_addc(&text, '<');
	rc = queue_text_read(&text, value) ? 0 : bad(e, value);
	buf_addc(&text, '>');
	if (rc == 0)
		rc = mail_address_parse(out, buf_slice(&text), e);
	buf_free(&text);
	return rc;
}

static int
read_time(struct queue_envelope *out, struct slice value, struct err *e)
{
	return queue_text_read_time(value, &out->time) ? 0 : bad(e, value);
}

static int
read_uid(struct queue_envelope *out, struct slice value, struct err *e)
{
	return str_number(value, 0, UINT32_MAX, &out->uid) ? 0 : bad(e, value);
}

static int
read_account(struct queue_envelope *out, struct slice value, struct err *e)
{
	return copy_text(&out->account, value, e);
}

static int
read_accounts(struct queue_envelope *out, struct slice value, struct err *e)
{
	return copy_text(&out->accounts, value, e);
}

static int
read_sender(struct queue_envelope *out, struct slice value, struct err *e)
{
	struct mail_address address = {NULL, NULL, NULL};
	int rc = out->mail.sender.local == NULL ? read_address(&address, value, e) : bad(e, value);

	if (rc == 0)
		rc = mail_envelope_set_sender(&out->mail, &address, e);
	mail_address_free(&address);
	return rc;
}

static int
read_recipient(struct queue_envelope *out, struct slice value, struct err *e)
{
	struct mail_address address = {NULL, NULL, NULL};
	int rc = read_address(&address, value, e);

	if (rc == 0 && mail_envelope_add(&out->mail, &address, e) != 1)
		rc = bad(e, value);
	mail_address_free(&address);
	return rc;
}

static const char *const bodies[] = {
    [MAIL_ENVELOPE_BODY_7BIT] = "7BIT",
    [MAIL_ENVELOPE_BODY_8BITMIME] = "8BITMIME",
    [MAIL_ENVELOPE_BODY_BINARYMIME] = "BINARYMIME",
};

static int
read_body(struct queue_envelope *out, struct slice value, struct err *e)
{
	for (size_t i = 1; i < sizeof bodies / sizeof bodies[0]; i++) {
		if (str_is(value, bodies[i])) {
			out->mail.body = (enum mail_envelope_body)i;
			return 0;
		}
	}
	return bad(e, value);
}

static int
read_ret(struct queue_envelope *out, struct slice value, struct err *e)
{
	return mail_dsn_parse_ret(value, &out->mail.ret) ? 0 : bad(e, value);
}

static int
read_envid(struct queue_envelope *out, struct slice value, struct err *e)
{
	struct buf text = BUF_INIT(sizeof out->mail.envid - 1);
	bool good = queue_text_read(&text, value);

	if (good)
		(void)str_copy(out->mail.envid, sizeof out->mail.envid, buf_slice(&text));
	buf_free(&text);
	return good ? 0 : bad(e, value);
}

/* The recipient that was read last, NULL where none was. */
static struct mail_envelope_recipient *
last_recipient(struct queue_envelope *out)
{
	return out->mail.count > 0 ? &out->mail.recipients[out->mail.count - 1] : NULL;
}

static int
read_notify(struct queue_envelope *out, struct slice value, struct err *e)
{
	struct mail_envelope_recipient *r = last_recipient(out);

	return r != NULL && mail_dsn_parse_notify(value, &r->notify) ? 0 : bad(e, value);
}

static int
read_orcpt(struct queue_envelope *out, struct slice value, struct err *e)
{
	struct mail_envelope_recipient *r = last_recipient(out);
	char orcpt[MAIL_DSN_ORCPT_SIZE];

	if (r == NULL || r->orcpt != NULL || !mail_dsn_parse_orcpt(value, orcpt))
		return bad(e, value);
	r->orcpt = strdup(orcpt);
	return r->orcpt != NULL ? 0 : err_set(e, EX_TEMPFAIL, "no memory for an envelope");
}

/* --- the head --- */

static const struct {
	const char *key;
	int (*read)(struct queue_envelope *out, struct slice value, struct err *e);
} table[] = {
    {"time", read_time},
    {"uid", read_uid},
    {"account", read_account},
    {"accounts", read_accounts},
    {"sender", read_sender},
    {"body", read_body},
    {"ret", read_ret},
    {"envid", read_envid},
    {"recipient", read_recipient},
    {"notify", read_notify},
    {"orcpt", read_orcpt},
};

static void
add(struct buf *out, const char *key, struct slice value)
{
	buf_addf(out, "%s: ", key);
	queue_text_add(out, value);
	buf_addc(out, '\n');
}

static void
add_address(struct buf *out, const char *key, const struct mail_address *address)
{
	struct buf text = BUF_INIT(4096);

	mail_address_write(&text, address);
	add(out, key, buf_slice(&text));
	buf_free(&text);
}

static void
add_recipient(struct buf *out, const struct mail_envelope_recipient *recipient)
{
	add_address(out, "recipient", &recipient->address);
	if (recipient->notify != 0) {
		buf_adds(out, "notify: ");
		mail_dsn_write_notify(out, recipient->notify);
		buf_addc(out, '\n');
	}
	if (recipient->orcpt != NULL) {
		buf_adds(out, "orcpt: ");
		mail_dsn_write_orcpt(out, recipient->orcpt);
		buf_addc(out, '\n');
	}
}

void
queue_envelope_write(struct buf *out, const struct queue_envelope *envelope)
{
	const struct mail_envelope *mail = &envelope->mail;

	buf_adds(out, "time: ");
	queue_text_add_time(out, envelope->time);
	buf_addf(out, "\nuid: %" PRIu64 "\n", envelope->uid);
	add(out, "account", str_slice(envelope->account));
	if (envelope->accounts != NULL)
		add(out, "accounts", str_slice(envelope->accounts));
	add_address(out, "sender", &mail->sender);
	if (mail->body != MAIL_ENVELOPE_BODY_UNSAID)
		add(out, "body", str_slice(bodies[mail->body]));
	if (mail->ret != MAIL_DSN_RET_UNSAID)
		add(out, "ret", str_slice(mail_dsn_ret_word(mail->ret)));
	if (mail->envid[0] != '\0')
		add(out, "envid", str_slice(mail->envid));
	for (size_t i = 0; i < mail->count; i++)
		add_recipient(out, &mail->recipients[i]);
	buf_addc(out, '\n');
}

static int
read_line(struct slice line, struct queue_envelope *out, struct err *e)
{
	struct slice key = str_cut(&line, ':');

	for (size_t i = 0; line.len > 0 && i < sizeof table / sizeof table[0]; i++) {
		struct slice value = {line.ptr + 1, line.len - 1};

		if (!str_is(key, table[i].key) || line.ptr[0] != ' ')
			continue;
		if (table[i].read(out, value, e) == 0)
			return 0;
		return err_prefix(e, "%s", table[i].key);
	}
	return err_set(e, EX_DATAERR, "'%.*s' is no line of an envelope", STR_ARGS(key));
}

int
queue_envelope_read(struct slice head, struct queue_envelope *out, struct err *e)
{
	int rc = 0;

	while (rc == 0 && head.len > 0) {
		struct slice line = str_cut(&head, '\n');

		if (line.len == 0)
			break;
		rc = read_line(line, out, e);
	}
	if (rc == 0 &&
	    (out->account == NULL || out->mail.sender.local == NULL || out->mail.count == 0))
		rc = err_set(e, EX_DATAERR, "the envelope has no account, sender or recipient");
	if (rc != 0)
		queue_envelope_free(out);
	return rc;
}

void
queue_envelope_free(struct queue_envelope *envelope)
{
	mail_envelope_free(&envelope->mail);
	free(envelope->account);
	free(envelope->accounts);
	*envelope = (struct queue_envelope){.account = NULL};
}
