/*
 * date: the date and time of a header (RFC 5322 3.3), in local time with its offset, in English
 * whatever the locale is.
 */
#ifndef MAIL_DATE_H
#define MAIL_DATE_H

#include <time.h>

enum {
	MAIL_DATE_SIZE = 64, /* bytes that a date fits in, its NUL included */
};

/* Writes WHEN into OUT, as "Wed, 25 Nov 2026 01:11:34 +0100". */
void mail_date_format(char out[MAIL_DATE_SIZE], time_t when);

#endif
