/*
 * failure: see failure.h.
 */
#include <config.h>

#include <errno.h>

#include "base/str.h"
#include "deliver/failure.h"

#include "base/banned.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

int
deliver_failure_reply(struct err *e, int code, const char *enhanced)
{
	e->ex = code < 500 ? EX_TEMPFAIL : EX_CANTCREAT;
	e->code = code;
	(void)str_copy(e->enhanced, sizeof e->enhanced, str_slice(enhanced));
	return -1;
}

int
deliver_failure(struct err *e, int saved, const char *what, const char *where)
{
	static const struct {
		int error, code;
		const char *enhanced;
	} rows[] = {
	    {ENOSPC, 452, "4.3.1"}, {EDQUOT, 552, "5.2.2"}, {EFBIG, 552, "5.2.2"},
	    {EAGAIN, 451, "4.2.0"}, {ESTALE, 451, "4.2.0"}, {0, 451, "4.3.0"}, /* any other */
	};
	size_t i = 0;

	while (rows[i].error != saved && i + 1 < COUNT(rows))
		i++;
	(void)err_set_errno(e, EX_TEMPFAIL, saved, "cannot %s %s", what, where);
	(void)deliver_failure_reply(e, rows[i].code, rows[i].enhanced);
	if (saved == EACCES || saved == EPERM)
		(void)err_hint(e, "see that the user can write there");
	return -1;
}
