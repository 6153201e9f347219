/*
 * text: see text.h.
 */
#include <config.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "queue/text.h"

#include "base/banned.h"

void
queue_text_add(struct buf *out, struct slice value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];

		if (c < ' ' || c == 0x7f || c == '%')
			buf_addf(out, "%%%02x", (unsigned)c);
		else
			buf_addc(out, (char)c);
	}
}

/* The value of the hexadecimal digit C, -1 where it is none. */
static int
digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

bool
queue_text_read(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		int high, low;

		if (text.ptr[i] != '%') {
			buf_addc(out, text.ptr[i]);
			continue;
		}
		high = i + 2 < text.len ? digit(text.ptr[i + 1]) : -1;
		low = i + 2 < text.len ? digit(text.ptr[i + 2]) : -1;
		if (high < 0 || low < 0)
			return false;
		buf_addc(out, (char)(high << 4 | low));
		i += 2;
	}
	return !out->full;
}

void
queue_text_add_time(struct buf *out, int64_t when)
{
	static const int64_t last = 253402300799; /* 9999-12-31T23:59:59Z */
	char text[32];
	time_t moment = (time_t)(when < 0 ? 0 : when > last ? last : when);
	struct tm tm;

	(void)gmtime_r(&moment, &tm);
	(void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	buf_adds(out, text);
}

bool
queue_text_read_time(struct slice text, int64_t *when)
{
	static const struct {
		size_t at, len;
		uint64_t min, max;
	} parts[] = {{0, 4, 1970, 9999}, {5, 2, 1, 12}, {8, 2, 1, 31}, {11, 2, 0, 23},
	    {14, 2, 0, 59}, {17, 2, 0, 60}};
	static const char form[] = "....-..-..T..:..:..Z";
	uint64_t v[6];
	struct tm tm;

	if (text.len != sizeof form - 1)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (form[i] != '.' && form[i] != text.ptr[i])
			return false;
	}
	for (size_t i = 0; i < 6; i++) {
		struct slice part = {text.ptr + parts[i].at, parts[i].len};

		if (!str_number(part, parts[i].min, parts[i].max, &v[i]))
			return false;
	}
	tm = (struct tm){.tm_year = (int)v[0] - 1900,
	    .tm_mon = (int)v[1] - 1,
	    .tm_mday = (int)v[2],
	    .tm_hour = (int)v[3],
	    .tm_min = (int)v[4],
	    .tm_sec = (int)v[5]};
	*when = timegm(&tm);
	return true;
}
