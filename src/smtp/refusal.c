/*
 * refusal: see refusal.h.
 */
#include <config.h>

#include <stdarg.h>
#include <stdio.h>

#include "base/str.h"
#include "smtp/refusal.h"

#include "base/banned.h"

int
smtp_refusal(struct err *e, int code, const char *enhanced, const char *format, ...)
{
	char text[sizeof e->msg];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	(void)err_set(e, code < 500 ? EX_TEMPFAIL : EX_PROTOCOL, "%s", text);
	e->code = code;
	str_copy(e->enhanced, sizeof e->enhanced, str_slice(enhanced));
	return -1;
}
