/*
 * dsn: see dsn.h.
 */
#include <config.h>

#include <ctype.h>

#include "base/word.h"
#include "mail/dsn.h"
#include "mail/xtext.h"

#include "base/banned.h"

static const struct word events[] = {
    {"NEVER", MAIL_DSN_NEVER},
    {"SUCCESS", MAIL_DSN_SUCCESS},
    {"FAILURE", MAIL_DSN_FAILURE},
    {"DELAY", MAIL_DSN_DELAY},
    {NULL, 0},
};

bool
mail_dsn_parse_notify(struct slice text, unsigned *notify)
{
	unsigned event = 0;

	*notify = 0;
	while (text.ptr != NULL) {
		if (!word_parse(events, str_cut(&text, ','), &event))
			return false;
		*notify |= event;
	}
	return *notify == MAIL_DSN_NEVER || (*notify & MAIL_DSN_NEVER) == 0;
}

void
mail_dsn_write_notify(struct buf *out, unsigned notify)
{
	const char *comma = "";

	for (const struct word *w = events; w->text != NULL; w++) {
		if ((notify & w->value) == 0)
			continue;
		buf_addf(out, "%s%s", comma, w->text);
		comma = ",";
	}
}

static const struct word rets[] = {
    {"FULL", MAIL_DSN_RET_FULL},
    {"HDRS", MAIL_DSN_RET_HDRS},
    {NULL, 0},
};

bool
mail_dsn_parse_ret(struct slice text, enum mail_dsn_ret *ret)
{
	unsigned value = 0;
	bool ok = word_parse(rets, text, &value);

	*ret = (enum mail_dsn_ret)value;
	return ok;
}

const char *
mail_dsn_ret_word(enum mail_dsn_ret ret)
{
	return word_for(rets, ret);
}

bool
mail_dsn_parse_envid(struct slice xtext, char out[MAIL_DSN_ENVID_SIZE])
{
	return xtext.len < MAIL_DSN_ENVID_SIZE && !str_has_8bit(xtext) &&
	       mail_xtext_decode(xtext, out, MAIL_DSN_ENVID_SIZE) && !str_has_8bit(str_slice(out));
}

static bool
is_type(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!isalnum((unsigned char)text.ptr[i]) && text.ptr[i] != '-')
			return false;
	}
	return text.len > 0;
}

bool
mail_dsn_parse_orcpt(struct slice text, char out[MAIL_DSN_ORCPT_SIZE])
{
	struct slice address = text;
	struct slice type = str_cut(&address, ';');
	size_t skip = type.len + 1;

	if (text.len >= MAIL_DSN_ORCPT_SIZE || address.ptr == NULL || !is_type(type))
		return false;
	(void)str_copy(out, MAIL_DSN_ORCPT_SIZE, str_range(text.ptr, address.ptr));
	return mail_xtext_decode(address, out + skip, MAIL_DSN_ORCPT_SIZE - skip);
}

void
mail_dsn_write_orcpt(struct buf *out, const char *orcpt)
{
	struct slice address = str_slice(orcpt);

	buf_add_slice(out, str_cut(&address, ';'));
	buf_addc(out, ';');
	mail_xtext_write(out, address.ptr != NULL ? address.ptr : "");
}

/* Takes the first character off *TEXT, which is UTF-8. */
static unsigned
next_character(struct slice *text)
{
	static const unsigned leads[] = {0x00, 0xc0, 0xe0, 0xf0};
	unsigned first = (unsigned char)text->ptr[0], character;
	unsigned more = first < 0xc0 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;

	if (more >= text->len)
		more = (unsigned)text->len - 1;
	character = first - leads[more];
	for (size_t i = 1; i <= more; i++)
		character = character << 6 | ((unsigned char)text->ptr[i] & 0x3fU);
	*text = (struct slice){text->ptr + more + 1, text->len - more - 1};
	return character;
}

/* utf-8-addr-xtext (RFC 6533, 3) */
static void
write_as_ascii(struct buf *out, struct slice text)
{
	while (text.len > 0) {
		unsigned c = next_character(&text);

		if (c > '~' || c == '+' || c == '=' || c == '\\' || c <= ' ')
			buf_addf(out, "\\x{%02X}", c);
		else
			buf_addc(out, (char)c);
	}
}

bool
mail_dsn_orcpt_of(const struct mail_address *address, char out[MAIL_DSN_ORCPT_SIZE])
{
	struct buf plain = BUF_INIT(MAIL_DSN_ORCPT_SIZE), text = BUF_INIT(MAIL_DSN_ORCPT_SIZE);
	bool ok;

	mail_address_write(&plain, address);
	buf_adds(&text, mail_address_is_utf8(address) ? "utf-8;" : "rfc822;");
	if (mail_address_is_utf8(address))
		write_as_ascii(&text, buf_slice(&plain));
	else
		buf_add_slice(&text, buf_slice(&plain));
	ok = !plain.full && !text.full && str_copy(out, MAIL_DSN_ORCPT_SIZE, buf_slice(&text));
	buf_free(&plain);
	buf_free(&text);
	return ok;
}
