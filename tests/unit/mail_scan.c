/*
 * Units of mail/scan: the same, however the text is cut into blocks, and the lines that are too
 * long.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "mail/scan.h"

#include "base/banned.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* Scans TEXT in blocks of SIZE bytes, or of one less. */
static struct mail_scan
scan(struct slice text, size_t size)
{
	struct mail_scan result = {.bytes = 0};

	while (text.len > 0) {
		size_t n = text.len < size ? text.len : size;

		if (n < text.len && text.ptr[n - 1] == '\r')
			n--;
		mail_scan_add(&result, (struct slice){text.ptr, n});
		text = (struct slice){text.ptr + n, text.len - n};
	}
	return result;
}

static void
add_line(struct buf *text, size_t len, const char *end)
{
	for (size_t i = 0; i < len; i++)
		buf_addc(text, 'a');
	buf_adds(text, end);
}

static void
measures_what_is_not_short(void **state)
{
	static const struct {
		size_t lines[5], longest;
	} rows[] = {
	    {{0, 0, 0, 0, 0}, 0},
	    {{1, 10, 998, 997, 998}, 0},
	    {{998, 998, 998, 998, 998}, 0},
	    {{999, 0, 0, 0, 0}, 999},
	    {{0, 0, 0, 0, 999}, 999},
	    {{998, 999, 998, 0, 1}, 999},
	    {{1, 1000, 5000, 2000, 1}, 5000},
	    {{997, 1, 998, 70000, 3}, 70000},
	};
	static const char *const ends[] = {"\n", "\r\n", "\r"};
	static const size_t sizes[] = {2, 3, 500, 998, 999, 1000, 1001, 4096, 1 << 20};

	(void)state;
	for (size_t i = 0; i < COUNT(rows) * COUNT(ends) * COUNT(sizes); i++) {
		size_t row = i % COUNT(rows), end = i / COUNT(rows) % COUNT(ends);
		struct buf text = BUF_INIT(1 << 20);
		struct mail_scan got;

		for (size_t j = 0; j < COUNT(rows[row].lines); j++)
			add_line(&text, rows[row].lines[j], j < 4 || i % 2 == 0 ? ends[end] : "");
		got = scan(buf_slice(&text), sizes[i / COUNT(rows) / COUNT(ends)]);
		assert_int_equal(got.longest, rows[row].longest);
		buf_free(&text);
	}
}

static void
counts_the_same_in_any_blocks(void **state)
{
	static const char text[] = "one\r\ntwo\rthree\nf\xc3\xb6ur\r\r\n\n\rend";
	static const struct slice whole = {text, sizeof text - 1};

	(void)state;
	for (size_t size = 2; size <= sizeof text; size++) {
		struct mail_scan got = scan(whole, size);

		assert_int_equal(got.bytes, 19);
		assert_int_equal(got.line_ends, 7);
		assert_int_equal(got.bare_crs, 3);
		assert_int_equal(got.open, 3);
		assert_true(got.has_8bit);
		assert_int_equal(got.nul_line, 0);
		assert_int_equal(mail_scan_size(&got), 19 + 2 * 8);
	}
}

static void
says_where_the_first_nul_is(void **state)
{
	static const char text[] = "one\r\ntwo\rth\0ree\0\n";
	static const struct slice whole = {text, sizeof text - 1};

	(void)state;
	for (size_t size = 2; size <= sizeof text; size++) {
		struct mail_scan got = scan(whole, size);

		assert_int_equal(got.nul_line, 3);
		assert_int_equal(got.nul_column, 3);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(measures_what_is_not_short),
	    cmocka_unit_test(counts_the_same_in_any_blocks),
	    cmocka_unit_test(says_where_the_first_nul_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
