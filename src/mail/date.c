/*
 * date: see date.h.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "mail/date.h"

#include "base/banned.h"

void
mail_date_format(char out[MAIL_DATE_SIZE], time_t when)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {
	    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct tm tm;
	int minutes;

	/* A clock that is out of tm's range says the epoch; a header needs a valid date. */
	if (localtime_r(&when, &tm) == NULL || tm.tm_year + 1900 > 9999 || tm.tm_year < 0) {
		when = 0;
		(void)localtime_r(&when, &tm);
	}
	minutes = (int)(labs(tm.tm_gmtoff) / 60);
	(void)snprintf(out, MAIL_DATE_SIZE, "%s, %d %s %d %02d:%02d:%02d %c%02d%02d",
	    days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour,
	    tm.tm_min, tm.tm_sec, tm.tm_gmtoff < 0 ? '-' : '+', minutes / 60, minutes % 60);
}
