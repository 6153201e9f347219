/*
 * params: see params.h.
 */
#include <config.h>

#include <ctype.h>
#include <stdbool.h>

#include "smtp/params.h"
#include "smtp/refusal.h"

#include "base/banned.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* xtext (RFC 3461 4) */

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/*
 * Decodes the xtext S into OUT of SIZE bytes. What comes out is printable ASCII or UTF-8 (RFC 6533
 * 3 allows it within SMTPUTF8); anything else, or too much of it, is false.
 */
static bool
decode_xtext(struct slice s, char *out, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (c == '+') {
			int high = i + 2 < s.len ? hex_value(s.ptr[i + 1]) : -1;
			int low = i + 2 < s.len ? hex_value(s.ptr[i + 2]) : -1;

			if (high < 0 || low < 0)
				return false;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '=' || c == ' ') {
			return false;
		}
		if (len + 1 >= size)
			return false;
		out[len++] = c;
	}
	out[len] = '\0';
	s = (struct slice){out, len};
	return len > 0 && str_find_control(s) == len && str_is_utf8(s);
}

static void
write_xtext(struct buf *b, const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '+' || *c == '=' || *c == 0x7f || (*c >= 0 && *c <= ' '))
			buf_addf(b, "+%02X", (unsigned)(unsigned char)*c);
		else
			buf_addc(b, *c);
	}
}

/* Words that stand for a number: reads one of them. */

struct word {
	const char *text;
	unsigned value;
};

static bool
parse_word(struct slice s, const struct word *words, size_t n, unsigned *out)
{
	for (size_t i = 0; i < n; i++) {
		if (str_is_nocase(s, words[i].text)) {
			*out = words[i].value;
			return true;
		}
	}
	return false;
}

static void
write_word(struct buf *b, const struct word *words, size_t n, unsigned value)
{
	for (size_t i = 0; i < n; i++) {
		if (words[i].value == value)
			buf_adds(b, words[i].text);
	}
}

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
};

static bool
parse_body(struct slice value, struct smtp_params *p)
{
	unsigned body = 0;

	if (!parse_word(value, bodies, COUNT(bodies), &body))
		return false;
	p->body = (enum smtp_params_body)body;
	return true;
}

static void
write_body(struct buf *b, const struct smtp_params *p)
{
	write_word(b, bodies, COUNT(bodies), p->body);
}

static const struct word rets[] = {
    {"FULL", SMTP_PARAMS_FULL},
    {"HDRS", SMTP_PARAMS_HDRS},
};

static bool
parse_ret(struct slice value, struct smtp_params *p)
{
	unsigned ret = 0;

	if (!parse_word(value, rets, COUNT(rets), &ret))
		return false;
	p->ret = (enum smtp_params_ret)ret;
	return true;
}

static void
write_ret(struct buf *b, const struct smtp_params *p)
{
	write_word(b, rets, COUNT(rets), p->ret);
}

static bool
parse_envid(struct slice value, struct smtp_params *p)
{
	return value.len <= 100 && !str_has_8bit(value) &&
	       decode_xtext(value, p->envid, sizeof p->envid) && !str_has_8bit(str_slice(p->envid));
}

static void
write_envid(struct buf *b, const struct smtp_params *p)
{
	write_xtext(b, p->envid);
}

static bool
parse_auth(struct slice value, struct smtp_params *p)
{
	return decode_xtext(value, p->auth, sizeof p->auth);
}

static void
write_auth(struct buf *b, const struct smtp_params *p)
{
	write_xtext(b, p->auth);
}

static const struct word events[] = {
    {"NEVER", SMTP_PARAMS_NEVER},
    {"SUCCESS", SMTP_PARAMS_SUCCESS},
    {"FAILURE", SMTP_PARAMS_FAILURE},
    {"DELAY", SMTP_PARAMS_DELAY},
};

static bool
parse_notify(struct slice value, struct smtp_params *p)
{
	unsigned event = 0;

	p->notify = 0;
	while (value.ptr != NULL) {
		if (!parse_word(str_cut(&value, ','), events, COUNT(events), &event))
			return false;
		p->notify |= event;
	}
	return p->notify == SMTP_PARAMS_NEVER || (p->notify & SMTP_PARAMS_NEVER) == 0;
}

static void
write_notify(struct buf *b, const struct smtp_params *p)
{
	const char *comma = "";

	for (size_t i = 0; i < COUNT(events); i++) {
		if ((p->notify & events[i].value) == 0)
			continue;
		buf_addf(b, "%s%s", comma, events[i].text);
		comma = ",";
	}
}

static bool
parse_orcpt(struct slice value, struct smtp_params *p)
{
	struct slice type = str_cut(&value, ';');

	for (size_t i = 0; i < type.len; i++) {
		if (!isalnum((unsigned char)type.ptr[i]) && type.ptr[i] != '-')
			return false;
	}
	return type.len > 0 && str_copy(p->orcpt_type, sizeof p->orcpt_type, type) &&
	       value.len <= 500 && decode_xtext(value, p->orcpt, sizeof p->orcpt);
}

static void
write_orcpt(struct buf *b, const struct smtp_params *p)
{
	buf_addf(b, "%s;", p->orcpt_type);
	write_xtext(b, p->orcpt);
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
