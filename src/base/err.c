/*
 * err: see err.h.
 */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/i18n.h"
#include "base/str.h"

#include "base/banned.h"

/* Formats into OUT of SIZE bytes, in the reader's language, leaving no control byte in it. */
static void __attribute__((format(printf, 3, 0)))
format_clean(char *out, size_t size, const char *format, va_list args)
{
	char raw[1024];

	(void)vsnprintf(raw, sizeof raw, _(format), args);
	str_escape(out, size, str_slice(raw));
}

int
err_set(struct err *e, int ex, const char *format, ...)
{
	va_list args;

	*e = (struct err){.ex = ex};
	va_start(args, format);
	format_clean(e->msg, sizeof e->msg, format, args);
	va_end(args);
	return -1;
}

int
err_set_errno(struct err *e, int ex, int saved, const char *format, ...)
{
	va_list args;
	size_t len;

	*e = (struct err){.ex = ex};
	va_start(args, format);
	format_clean(e->msg, sizeof e->msg, format, args);
	va_end(args);
	len = strlen(e->msg);
	(void)snprintf(e->msg + len, sizeof e->msg - len, ": %s", strerror(saved));
	return -1;
}

int
err_told(struct err *e, int ex)
{
	*e = (struct err){.ex = ex};
	return -1;
}

int
err_prefix(struct err *e, const char *format, ...)
{
	char front[sizeof e->msg], whole[2 * sizeof e->msg + 4];
	va_list args;

	va_start(args, format);
	format_clean(front, sizeof front, format, args);
	va_end(args);
	(void)snprintf(whole, sizeof whole, "%s: %s", front, e->msg);
	str_copy(e->msg, sizeof e->msg, str_slice(whole));
	if (e->words > 0)
		e->words += strlen(front) + strlen(": ");
	return -1;
}

int
err_say(struct err *e, struct slice words)
{
	size_t at = strlen(e->msg);

	if (words.len == 0 || at + 1 >= sizeof e->msg)
		return -1;
	e->msg[at++] = ' ';
	e->words = at;
	(void)str_escape(e->msg + at, sizeof e->msg - at, words);
	return -1;
}

int
err_hint(struct err *e, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	format_clean(e->hint, sizeof e->hint, format, args);
	va_end(args);
	return -1;
}

int
err_failure(struct err *e, const char *word)
{
	e->failure = word;
	return -1;
}

int
err_exit_of_errno(int saved, int otherwise)
{
	static const int passing[] = {EAGAIN, EDQUOT, EMFILE, ENFILE, ENOBUFS, ENOLCK, ENOMEM,
	    ENOSPC, EBUSY, EINTR, ESTALE, ETXTBSY};

	for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++) {
		if (passing[i] == saved)
			return EX_TEMPFAIL;
	}
	return otherwise;
}
