/*
 * Units of mail/sweep: it finds what a look at each byte finds, wherever that stands.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/sweep.h"

#include "base/banned.h"

enum { MOST = 600 };

/* CRLF text of LEN bytes in ROOM, of lines of an odd length. */
static struct slice
text_of(char *room, size_t len)
{
	memset(room, 'a', len);
	for (size_t i = 0; i + 41 <= len; i += 41)
		memcpy(room + i + 39, "\r\n", 2);
	return (struct slice){room, len};
}

static bool
is_wire(struct slice s, bool at_begin, bool stuffed)
{
	bool begins = at_begin;

	for (size_t i = 0; i < s.len; i++) {
		bool ends = s.ptr[i] == '\r' && i + 1 < s.len && s.ptr[i + 1] == '\n';

		if (begins && stuffed && s.ptr[i] == '.')
			return false;
		if (!ends && (s.ptr[i] == '\r' || s.ptr[i] == '\n'))
			return false;
		i += ends;
		begins = ends;
	}
	return true;
}

static struct mail_sweep
count(struct slice s)
{
	struct mail_sweep sweep = {.lfs = 0};

	for (size_t i = 0; i < s.len; i++) {
		sweep.lfs += s.ptr[i] == '\n';
		sweep.crs += s.ptr[i] == '\r';
		sweep.crlfs += i > 0 && s.ptr[i - 1] == '\r' && s.ptr[i] == '\n';
		sweep.has_8bit = sweep.has_8bit || (unsigned char)s.ptr[i] > 0x7f;
	}
	return sweep;
}

static void
compare(struct slice text)
{
	struct mail_sweep sweep = mail_sweep_count(text), expected = count(text);

	assert_int_equal(sweep.lfs, expected.lfs);
	assert_int_equal(sweep.crs, expected.crs);
	assert_int_equal(sweep.crlfs, expected.crlfs);
	assert_int_equal(sweep.has_8bit, expected.has_8bit);
	for (int way = 0; way < 4; way++)
		assert_int_equal(mail_sweep_is_wire(text, (way & 1) != 0, (way & 2) != 0),
		    is_wire(text, (way & 1) != 0, (way & 2) != 0));
}

static void
finds_a_byte_anywhere(void **state)
{
	static const char bytes[] = "\r\n.\x80z";
	char room[MOST];

	(void)state;
	compare((struct slice){NULL, 0});
	for (size_t len = 1; len < MOST; len++) {
		compare(text_of(room, len));
		for (size_t i = 0; i < len; i += 1 + len / 97) {
			for (size_t b = 0; b < sizeof bytes - 1; b++) {
				(void)text_of(room, len);
				room[i] = bytes[b];
				compare((struct slice){room, len});
			}
		}
	}
}

static void
counts_many(void **state)
{
	static char room[100000];

	(void)state;
	for (size_t i = 0; i < sizeof "\r\n\x80"; i++) {
		memset(room, "\r\n\x80"[i], sizeof room);
		compare((struct slice){room, sizeof room});
	}
	for (size_t i = 0; i < sizeof room; i++)
		room[i] = "\r\n"[i % 2];
	compare((struct slice){room, sizeof room});
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_a_byte_anywhere),
	    cmocka_unit_test(counts_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
