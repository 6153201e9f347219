/*
 * params: see params.h.
 */
#include <config.h>

#include <stdbool.h>

#include "base/word.h"
#include "mail/xtext.h"
#include "smtp/params.h"
#include "smtp/refusal.h"

#include "base/banned.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* One pair a parameter: the parser takes its value, the writer appends it. */

static bool
parse_size(struct slice value, struct smtp_params *p)
{
	return value.len <= 20 && str_number(value, 0, UINT64_MAX, &p->size);
}

static void
write_size(struct buf *b, const struct smtp_params *p)
{
	buf_addf(b, "%llu", (unsigned long long)p->size);
}

static const struct word bodies[] = {
    {"7BIT", SMTP_PARAMS_7BIT},
    {"8BITMIME", SMTP_PARAMS_8BITMIME},
    {"BINARYMIME", SMTP_PARAMS_BINARYMIME},
    {NULL, 0},
};

static bool
parse_body(struct slice value, struct smtp_params *p)
{
	unsigned body = 0;

	if (!word_parse(bodies, value, &body))
		return false;
	p->body = (enum smtp_params_body)body;
	return true;
}

static void
write_body(struct buf *b, const struct smtp_params *p)
{
	buf_adds(b, word_for(bodies, p->body));
}

static bool
parse_ret(struct slice value, struct smtp_params *p)
{
	return mail_dsn_parse_ret(value, &p->ret);
}

static void
write_ret(struct buf *b, const struct smtp_params *p)
{
	buf_adds(b, mail_dsn_ret_word(p->ret));
}

static bool
parse_envid(struct slice value, struct smtp_params *p)
{
	return mail_dsn_parse_envid(value, p->envid);
}

static void
write_envid(struct buf *b, const struct smtp_params *p)
{
	mail_xtext_write(b, p->envid);
}

static bool
parse_auth(struct slice value, struct smtp_params *p)
{
	return mail_xtext_decode(value, p->auth, sizeof p->auth);
}

static void
write_auth(struct buf *b, const struct smtp_params *p)
{
	mail_xtext_write(b, p->auth);
}

static bool
parse_notify(struct slice value, struct smtp_params *p)
{
	return mail_dsn_parse_notify(value, &p->notify);
}

static void
write_notify(struct buf *b, const struct smtp_params *p)
{
	mail_dsn_write_notify(b, p->notify);
}

static bool
parse_orcpt(struct slice value, struct smtp_params *p)
{
	return mail_dsn_parse_orcpt(value, p->orcpt);
}

static void
write_orcpt(struct buf *b, const struct smtp_params *p)
{
	mail_dsn_write_orcpt(b, p->orcpt);
}

/* The table: a parameter without a pair has no value. */
static const struct row {
	const char *name;
	unsigned bit;
	bool (*parse)(struct slice value, struct smtp_params *p);
	void (*write)(struct buf *b, const struct smtp_params *p);
} rows[] = {
    {"SIZE", SMTP_PARAMS_SIZE, parse_size, write_size},
    {"BODY", SMTP_PARAMS_BODY, parse_body, write_body},
    {"SMTPUTF8", SMTP_PARAMS_SMTPUTF8, NULL, NULL},
    {"RET", SMTP_PARAMS_RET, parse_ret, write_ret},
    {"ENVID", SMTP_PARAMS_ENVID, parse_envid, write_envid},
    {"AUTH", SMTP_PARAMS_AUTH, parse_auth, write_auth},
    {"NOTIFY", SMTP_PARAMS_NOTIFY, parse_notify, write_notify},
    {"ORCPT", SMTP_PARAMS_ORCPT, parse_orcpt, write_orcpt},
    {"XWAIT", SMTP_PARAMS_XWAIT, NULL, NULL},
};

/* Takes in one parameter, NAME or NAME=VALUE. */
static int
parse_one(struct slice text, unsigned allowed, struct smtp_params *out, struct err *e)
{
	struct slice value = text;
	struct slice name = str_cut(&value, '=');
	const struct row *row = rows;

	while (row < rows + COUNT(rows) && !str_is_nocase(name, row->name))
		row++;
	if (row == rows + COUNT(rows) || (row->bit & allowed) == 0)
		return smtp_refusal(
		    e, 555, "5.5.4", "Parameter %.*s is not offered", STR_ARGS(name));
	if ((out->given & row->bit) != 0)
		return smtp_refusal(e, 501, "5.5.4", "Parameter %s comes twice", row->name);
	if (row->parse == NULL ? value.ptr != NULL : value.ptr == NULL || !row->parse(value, out))
		return smtp_refusal(e, 501, "5.5.4", "This is no value of %s", row->name);
	out->given |= row->bit;
	return 0;
}

int
smtp_params_parse(struct slice text, unsigned allowed, struct smtp_params *out, struct err *e)
{
	*out = (struct smtp_params){.given = 0};
	text = str_trim(text);
	while (text.len > 0) {
		if (parse_one(str_cut(&text, ' '), allowed, out, e) == -1)
			return -1;
		text = str_trim(text);
	}
	return 0;
}

void
smtp_params_write(struct buf *b, const struct smtp_params *p, unsigned allowed)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		if ((rows[i].bit & p->given & allowed) == 0)
			continue;
		buf_addf(b, " %s", rows[i].name);
		if (rows[i].write == NULL)
			continue;
		buf_addc(b, '=');
		rows[i].write(b, p);
	}
}
