/*
 * ehlo: see ehlo.h.
 */
#include <config.h>

#include <ctype.h>
#include <string.h>

#include "smtp/ehlo.h"

#include "base/banned.h"

enum { LIMIT_MAX = 999999 }; /* RFC 9422: six digits */

static void
take_size(struct smtp_ehlo *ehlo, struct slice words)
{
	(void)str_number(str_trim(words), 0, UINT64_MAX, &ehlo->size);
}

/* Adds the mechanisms in WORDS to those known; a name that does not fit any more is left out. */
static void
take_auth(struct smtp_ehlo *ehlo, struct slice words)
{
	size_t len = strlen(ehlo->auth);

	while (words.ptr != NULL) {
		struct slice name = str_trim(str_cut(&words, ' '));

		if (name.len == 0 || len + name.len + 3 > sizeof ehlo->auth)
			continue;
		if (len == 0)
			ehlo->auth[len++] = ' ';
		for (size_t i = 0; i < name.len; i++)
			ehlo->auth[len++] = (char)toupper((unsigned char)name.ptr[i]);
		ehlo->auth[len++] = ' ';
		ehlo->auth[len] = '\0';
	}
}

/* `MAILMAX=10 RCPTMAX=100`; what is unknown or no number is passed over (RFC 9422, 4). */
static void
take_limits(struct smtp_ehlo *ehlo, struct slice words)
{
	struct smtp_ehlo_limits *limits = &ehlo->limits;
	const struct {
		const char *name;
		unsigned *limit;
	} rows[] = {
	    {"MAILMAX", &limits->mails},
	    {"RCPTMAX", &limits->recipients},
	    {"RCPTDOMAINMAX", &limits->domains},
	};

	while (words.ptr != NULL) {
		struct slice value = str_cut(&words, ' ');
		struct slice name = str_cut(&value, '=');
		uint64_t number;

		for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
			if (str_is_nocase(name, rows[i].name) &&
			    str_number(value, 1, LIMIT_MAX, &number))
				*rows[i].limit = (unsigned)number;
		}
	}
}

static const struct keyword {
	const char *name;
	unsigned extension;
	void (*take)(struct smtp_ehlo *ehlo, struct slice words); /* what stands behind the name */
} keywords[] = {
    {"PIPELINING", SMTP_EHLO_PIPELINING, NULL},
    {"SIZE", SMTP_EHLO_SIZE, take_size},
    {"8BITMIME", SMTP_EHLO_8BITMIME, NULL},
    {"STARTTLS", SMTP_EHLO_STARTTLS, NULL},
    {"AUTH", SMTP_EHLO_AUTH, take_auth},
    {"ENHANCEDSTATUSCODES", SMTP_EHLO_ENHANCEDSTATUSCODES, NULL},
    {"SMTPUTF8", SMTP_EHLO_SMTPUTF8, NULL},
    {"DSN", SMTP_EHLO_DSN, NULL},
    {"CHUNKING", SMTP_EHLO_CHUNKING, NULL},
    {"LIMITS", SMTP_EHLO_LIMITS, take_limits},
    {"ETRN", SMTP_EHLO_ETRN, NULL},
    {"XWAIT", SMTP_EHLO_XWAIT, NULL},
    {"XQUEUE", SMTP_EHLO_XQUEUE, NULL},
};

static void
take_line(struct smtp_ehlo *ehlo, struct slice line)
{
	static const char old_auth[] = "AUTH=";
	struct slice words = line, name;

	name = str_cut(&words, str_begins_nocase(line, old_auth) ? '=' : ' ');
	for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
		if (!str_is_nocase(name, keywords[i].name))
			continue;
		ehlo->extensions |= keywords[i].extension;
		if (keywords[i].take != NULL && words.ptr != NULL)
			keywords[i].take(ehlo, words);
	}
}

void
smtp_ehlo_parse(struct smtp_ehlo *ehlo, const struct smtp_reply *reply)
{
	struct slice rest = buf_slice(&reply->text);

	*ehlo = (struct smtp_ehlo){.extensions = 0};
	(void)str_cut(&rest, '\n'); /* the server's name and greeting */
	while (rest.ptr != NULL)
		take_line(ehlo, str_trim(str_cut(&rest, '\n')));
}
